using Refilled.Recipes;

namespace Refilled.FewShot.Adaptation;

/// <summary>What learners that train a network on each task have in common.</summary>
public abstract record AdaptationOptions : IValidated
{
    /// <summary>Random views of each support image, drawn once for each task; steps take them in turn. Default 8 (ours).</summary>
    /// <remarks>0 trains on the evaluation view.</remarks>
    public int Views { get; init; } = 8;

    /// <summary>What batch norms do. Default: they keep their statistics; those of a handful of images are far off.</summary>
    public BatchNormMode BatchNorm { get; init; }

    /// <summary>What the classifier starts from. Default: random weights, as usual for fine-tuning.</summary>
    public ClassifierStart Classifier { get; init; }

    /// <summary>s, the scale of an imprinted classifier. Default 10.</summary>
    /// <remarks>With the unit-length mean p_c of a class's unit-length embeddings, and the mean length r of the support's, its
    /// weights are <c>s·p_c / r</c> and its bias 0, so that logits begin as about s times the cosine of a query and p_c. 10 is the
    /// scale of cosine classifiers (Gidaris and Komodakis, CVPR 2018); imprinting: Qi et al., CVPR 2018.</remarks>
    public double ImprintScale { get; init; } = 10;

    /// <summary>How queries are classified. Default: by the classifier.</summary>
    public AdaptedPrediction Prediction { get; init; }

    /// <summary>Decides, with a task's number, the order of images and the classifier's start; alone, the views. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Path, string Message)> Validate() =>
        [.. Check.Range("views", Views, 0, 1000, "the image as it is"), .. Check.Positive("imprint-scale", ImprintScale)];

    /// <summary>That a stage's steps have images enough for the batch norms.</summary>
    /// <param name="key">The stage's key.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="perImage">Views of an image in a step.</param>
    private protected IEnumerable<(string Path, string Message)> CheckBatch(string key, AdaptationStage stage, int perImage = 1) =>
        Check.Problem(BatchNorm != BatchNormMode.Batch || stage.Batch != 1 || perImage > 1, $"{key}.batch",
            "must be at least 2 where batch norms use the statistics of each batch: of one image there is no variance");

    /// <summary>Throws where <see cref="Validate"/> finds something.</summary>
    /// <param name="learner">The learner's name, for the message.</param>
    /// <exception cref="InputException">An option is impossible; all that are, are named.</exception>
    internal void ThrowIfImpossible(string learner)
    {
        var problems = Validate().Select(problem => $"{problem.Path} {problem.Message}").ToList();
        if (problems.Count > 0)
            throw new InputException($"The options of the learner '{learner}' can't be used: {string.Join("; ", problems)}.");
    }
}

/// <summary>How long and how fast a network trains on a support set.</summary>
/// <remarks>By <see cref="Training.Sgd"/>, at a constant learning rate, so that fewer steps are a part of more.</remarks>
public sealed record AdaptationStage : IValidated
{
    /// <summary>Updates. Default 100 (Chen et al., "A Closer Look at Few-shot Classification", ICLR 2019).</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Learning rate. Default 0.01 (Chen et al.).</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Nesterov momentum. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay on all parameters that train. Default 0.001 (Chen et al.).</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Most images in a step. Default 64 (ours; Chen et al.: 4).</summary>
    /// <remarks>A larger support is cut into parts of equal size, each with its share of each class.</remarks>
    public int Batch { get; init; } = 64;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("steps", Steps, 0, 100_000),
        .. Check.Positive("learning-rate", LearningRate),
        .. Check.BelowOne("momentum", Momentum),
        .. Check.BelowOne("weight-decay", WeightDecay),
        .. Check.Range("batch", Batch, 1, 65536),
    ];
}

/// <summary>What is trained on a support set.</summary>
public enum TrainedParts
{
    /// <summary>The whole network.</summary>
    All,

    /// <summary>The classifier on the embedding as it is, which is far cheaper.</summary>
    /// <remarks>Each view of an image is embedded once, whatever the number of steps and of tasks.</remarks>
    Classifier,
}

/// <summary>What batch norms do while a network is trained on a support set.</summary>
/// <remarks>Their scales and shifts train in either case.</remarks>
public enum BatchNormMode
{
    /// <summary>They keep the mean and variance that they came with.</summary>
    Kept,

    /// <summary>They use the mean and variance of each batch while it trains, and running means of these when
    /// asked.</summary>
    /// <remarks>Few images estimate them poorly.</remarks>
    Batch,
}

/// <summary>What the weights of a task's classifier are before its first step.</summary>
public enum ClassifierStart
{
    /// <summary>Drawn as the engine draws a linear layer, from a seed of the task.</summary>
    Random,

    /// <summary>The class means of the support: see <see cref="AdaptationOptions.ImprintScale"/>.</summary>
    Imprinted,
}

/// <summary>How an adapted network classifies.</summary>
public enum AdaptedPrediction
{
    /// <summary>By the largest logit.</summary>
    Classifier,

    /// <summary>By the nearest class mean of the support, rows of the adapted embedding brought to unit length.</summary>
    NearestClassMean,
}
