using Refilled.Recipes;

namespace Refilled.FewShot.Adaptation;

/// <summary>What learners that train a network on each task have in common.</summary>
public abstract record AdaptationOptions : IValidated
{
    /// <summary>Random views of each support image, drawn once for each task; steps take them in turn. 0 trains on the evaluation view.
    /// Default 8 (ours).</summary>
    public int Views { get; init; } = 8;

    /// <summary>What batch norms do. Default: they keep their statistics; those of a handful of images are far off.</summary>
    public BatchNormMode BatchNorm { get; init; }

    /// <summary>What the classifier starts from. Default: random weights, as usual for fine-tuning.</summary>
    public ClassifierStart Classifier { get; init; }

    /// <summary>s of an imprinted classifier: with the unit-length mean p_c of a class's unit-length embeddings, and the mean length r
    /// of the support's, its weights are <c>s·p_c / r</c> and its bias 0, so that logits begin as about s times the cosine of a query
    /// and p_c. Default 10 (the scale of cosine classifiers: Gidaris and Komodakis, CVPR 2018; imprinting: Qi et al., CVPR 2018).</summary>
    public double ImprintScale { get; init; } = 10;

    /// <summary>How queries are classified. Default: by the classifier.</summary>
    public AdaptedPrediction Prediction { get; init; }

    /// <summary>Decides, with a task's number, the order of images and the classifier's start; alone, the views. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Path, string Message)> Validate()
    {
        if (Views is < 0 or > 1000) yield return ("views", $"must be from 0 (the image as it is) to 1000, not {Views}");
        if (!(ImprintScale > 0 && double.IsFinite(ImprintScale))) yield return ("imprint-scale", $"must be positive, not {ImprintScale}");
    }

    /// <summary>Throws where <see cref="Validate"/> finds something.</summary>
    /// <param name="learner">The learner's name, for the message.</param>
    /// <exception cref="InputException">An option is impossible; all that are, are named.</exception>
    internal void Check(string learner)
    {
        var problems = Validate().Select(problem => $"{problem.Path} {problem.Message}").ToList();
        if (problems.Count > 0) throw new InputException($"The options of the learner '{learner}' can't be used: {string.Join("; ", problems)}.");
    }
}
