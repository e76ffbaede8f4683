using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Fitting;

/// <summary>All that decides a fit: planned once, written down, and then run as it stands.</summary>
/// <remarks>Nothing in it reads the clock, so that the same recipe gives the same result.</remarks>
public sealed record FitRecipe : IValidated
{
    /// <summary>What all candidates have in common: data, student, teacher, batch, seeds. Its own method and epochs are not used.</summary>
    /// <remarks>Its hold-out is the part of the training images that candidates are compared on, unless there are <see cref="Folds"/>.
    /// </remarks>
    public required Recipe Base { get; init; }

    /// <summary>The ways that are tried, at least one; each as it is trained in the end.</summary>
    public required IReadOnlyList<FitCandidate> Candidates { get; init; }

    /// <summary>The part of its epochs that a candidate is trained for while they are compared. Default 0.25.</summary>
    public double Screening { get; init; } = 0.25;

    /// <summary>Parts of the training images, each held out once, that candidates are compared on. Default 1: the hold-out alone.</summary>
    public int Folds { get; init; } = 1;

    /// <summary>How often they are divided into folds anew. Default 1.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>How often each candidate is trained while they are compared.</summary>
    internal int Parts => Folds * Repeats;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Problem(Candidates is null or { Count: > 0 }, "candidates", "must name at least one way"),
        .. Check.Problem(Candidates?.GroupBy(one => one.Name).FirstOrDefault(group => group.Count() > 1) is null, "candidates",
            "one stands there twice"),
        .. Check.Problem(Screening is > 0 and <= 1, "screening", $"must be above 0 and at most 1, not {Screening}"),
        .. Check.Range("folds", Folds, 1, 100, "the hold-out alone"),
        .. Check.Range("repeats", Repeats, 1, 100),
        .. Base is null || Candidates is null ? [] : Candidates.Index().SelectMany(one =>
            from problem in one.Item.In(this).Validate()
            select ($"candidates.{one.Index}", $"{problem.Path}: {problem.Message}")),
    ];
}

/// <summary>A way of training that is tried.</summary>
public sealed record FitCandidate : IValidated
{
    /// <summary>The method; see <see cref="Methods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Whether the student starts from the recipe's <see cref="Recipe.Start"/>. Default false.</summary>
    public bool FromStart { get; init; }

    /// <summary>Epochs of the first stage, where the method has two. Default 1.</summary>
    public int Epochs1 { get; init; } = 1;

    /// <summary>Epochs of the second stage, or of the only one that trains a classifier. Default 1.</summary>
    public int Epochs2 { get; init; } = 1;

    /// <summary>Learning rate of the first stage. Default 0.1.</summary>
    public double Rate1 { get; init; } = 0.1;

    /// <summary>Learning rate of the second stage. Default 0.1.</summary>
    public double Rate2 { get; init; } = 0.1;

    /// <summary>What the classifier is before the second stage. Default: the base's.</summary>
    [AbsentUnlessGiven]
    public StartingClassifier? Classifier { get; init; }

    /// <summary>Views of each image; 0 makes a fresh view each epoch. Default: the base's.</summary>
    [AbsentUnlessGiven]
    public int? Views { get; init; }

    /// <summary>What it is called.</summary>
    internal string Name => FromStart ? $"{Method}-from-start" : Method;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("epochs1", Epochs1, 1, 100_000), .. Check.Range("epochs2", Epochs2, 1, 100_000),
        .. Check.Positive("rate1", Rate1), .. Check.Positive("rate2", Rate2),
    ];

    /// <summary>Its recipe as it is trained in the end: on all training images.</summary>
    internal Recipe In(FitRecipe fit) => Of(fit, 1) with { HoldOut = 0 };

    /// <summary>Its recipe while it is compared: shorter, with a part of the training images held out.</summary>
    internal Recipe Compared(FitRecipe fit, int part) => Of(fit, fit.Screening) with
    {
        Fold = fit.Folds == 1 ? null : new HoldOutFold(part % fit.Folds, fit.Folds, part / fit.Folds).ToString(),
    };

    private Recipe Of(FitRecipe fit, double length)
    {
        int Epochs(int whole) => Math.Max(1, (int)Math.Round(whole * length));
        return fit.Base with
        {
            Method = Method,
            Start = FromStart ? fit.Base.Start : null,
            Stage1 = fit.Base.Stage1 with
            {
                Epochs = Epochs(Epochs1), LearningRate = Rate1, Views = Views == 0 ? null : fit.Base.Stage1.Views,
            },
            Stage2 = fit.Base.Stage2 with
            {
                Epochs = Epochs(Epochs2), LearningRate = Rate2, Classifier = Classifier ?? fit.Base.Stage2.Classifier,
            },
            Views = Views ?? fit.Base.Views,
        };
    }
}
