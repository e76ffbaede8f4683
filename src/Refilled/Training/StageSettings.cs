using Refilled.Losses;
using Refilled.Recipes;

namespace Refilled.Training;

/// <summary>How long and how fast a stage trains.</summary>
public sealed record StageSettings : IValidated
{
    /// <summary>Passes over the training images. Default 200 (REFILLED).</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Learning rate at the start. Default 0.1 (REFILLED).</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>How the learning rate falls. Default cosine.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Where the cosine ends. Default 0.01 (REFILLED's first stage).</summary>
    public double FinalLearningRate { get; init; } = 0.01;

    /// <summary>Where the multi-step schedule multiplies, in parts of the stage. Default 0.5, 0.7, 0.9 (REFILLED's second stage).</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.7, 0.9];

    /// <summary>What the multi-step schedule multiplies by. Default 0.2 (REFILLED's second stage).</summary>
    public double Factor { get; init; } = 0.2;

    /// <summary>Epochs over which the learning rate rises linearly from 0 first. Default 0.</summary>
    public double WarmUp { get; init; }

    /// <summary>Momentum (Nesterov). Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay on all parameters. Default 5e-4.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Images of one class that stand together in the order of the images; 1 mixes freely. Default 1.</summary>
    /// <remarks>With n of them a batch of B has about B / n classes with n images each. More make more triplets and surer class
    /// means of a batch.</remarks>
    public int PerClass { get; init; } = 1;

    /// <summary>Whether views are mixed, where the augmentation has mixup or CutMix. Default true.</summary>
    /// <remarks>False for a stage whose losses need images of one class, such as triplets: then the other stage is mixed alone.</remarks>
    [AbsentUnlessGiven]
    public bool? Mixed { get; init; }

    /// <summary>Views of each image in this stage, 1 or more. Default: as many as the run has.</summary>
    /// <remarks>Fewer are fewer to ask a slow teacher for, where there are many images.</remarks>
    [AbsentUnlessGiven]
    public int? Views { get; init; }

    /// <summary>What the classifier is before the stage's first step. Default random.</summary>
    /// <remarks>After a stage that trained the embedding well, class means are ahead of what few steps make of random weights.</remarks>
    [AbsentUnlessGiven]
    public StartingClassifier? Classifier { get; init; }

    /// <summary>Few-shot tasks of an epoch where the stage's losses read such, a step each. Default 100 (FEAT).</summary>
    /// <remarks>Its epochs are no passes over the images then.</remarks>
    public int EpisodesPerEpoch { get; init; } = 100;

    /// <summary>Factor of the learning rate for what losses train beside the student. Default 1 (FEAT's code: 10).</summary>
    /// <remarks>Connectors are such, and FEAT's adapter.</remarks>
    public double ObjectiveRate { get; init; } = 1;

    /// <summary><see cref="Mixed"/>, given or not.</summary>
    internal bool Mixes => Mixed ?? true;

    /// <summary>The learning rate of a step: a pure function of the clock.</summary>
    public double LearningRateAt(TrainClock clock)
    {
        var epoch = clock.Progress * clock.Epochs;
        if (epoch < WarmUp) return LearningRate * (epoch + 1.0 / clock.StepsPerEpoch) / (WarmUp + 1.0 / clock.StepsPerEpoch);
        return Schedule switch
        {
            ScheduleKind.Constant => LearningRate,
            ScheduleKind.Cosine => FinalLearningRate + (LearningRate - FinalLearningRate) * 0.5 * (1 + Math.Cos(Math.PI * clock.Progress)),
            ScheduleKind.MultiStep => LearningRate * Math.Pow(Factor, Milestones.Count(milestone => clock.Progress >= milestone)),
            _ => throw new InvalidOperationException($"No such schedule: {Schedule}."),
        };
    }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("epochs", Epochs, 1, 100_000),
        .. Check.Positive("learning-rate", LearningRate),
        .. Check.Problem(FinalLearningRate >= 0 && FinalLearningRate <= LearningRate, "final-learning-rate",
            $"must be from 0 to the learning rate ({LearningRate}), not {FinalLearningRate}"),
        .. Check.Problem(!Milestones.Any(m => m is <= 0 or >= 1), "milestones", "must be parts of the stage, each between 0 and 1"),
        .. Check.Problem(Factor is > 0 and <= 1, "factor", $"must be above 0 and at most 1, not {Factor}"),
        .. Check.Problem(WarmUp >= 0 && (WarmUp < Epochs || Epochs < 1), "warm-up",
            $"must be from 0 to less than the epochs ({Epochs}), not {WarmUp}"),
        .. Check.AtLeast("views", Views, 1),
        .. Check.Range("per-class", PerClass, 1, 65536, "mixed freely"),
        .. EpisodesPerEpoch is < 1 or > 100_000 ? Check.Range("episodes-per-epoch", EpisodesPerEpoch, 1, 100_000)
            : Check.Problem((long)Epochs * EpisodesPerEpoch <= int.MaxValue, "episodes-per-epoch",
                $"times the epochs ({Epochs}) must not exceed {int.MaxValue}, so at most {int.MaxValue / Math.Max(1, Epochs)}"),
        .. Check.NotNegative("objective-rate", ObjectiveRate),
        .. Check.BelowOne("momentum", Momentum),
        .. Check.BelowOne("weight-decay", WeightDecay),
    ];
}

/// <summary>What a classifier is before a stage's first step.</summary>
public enum StartingClassifier
{
    /// <summary>Drawn as the engine draws a linear layer, from the run's seed.</summary>
    Random,

    /// <summary>The nearest class mean of the training images' embeddings, as they are then, as a linear layer.</summary>
    ClassMeans,
}

/// <summary>How the learning rate falls over a stage.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>Half a cosine from the learning rate to the final one.</summary>
    Cosine,

    /// <summary>Multiplied by a factor at each milestone.</summary>
    MultiStep,
}
