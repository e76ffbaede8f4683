using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A way to classify by embeddings that are not trained any more: its options. Immutable; <see cref="Fit"/> makes what
/// classifies.</summary>
internal abstract record EmbeddingClassifier
{
    /// <summary>The classifier's name in metrics.</summary>
    public abstract string Name { get; }

    /// <summary>Whether an option is chosen on held-out images, so that there must be some.</summary>
    public abstract bool ChoosesOnHeldOut { get; }

    /// <summary>Fits the classifier.</summary>
    /// <param name="train">Embeddings <c>[N, d]</c> and labels of the training images.</param>
    /// <param name="heldOut">The same of the held-out images, on which options are chosen; may be empty where
    /// <see cref="ChoosesOnHeldOut"/> is false.</param>
    /// <param name="classes">Number of classes, C.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="ArgumentException">There is no training image, or no held-out image where one is needed.</exception>
    public abstract FittedClassifier Fit(Readings train, Readings heldOut, int classes, CancellationToken cancel = default);
}

/// <summary>A classifier of embeddings, fitted. It owns its tensors.</summary>
internal abstract class FittedClassifier : IDisposable
{
    /// <summary>How much each class speaks for itself, <c>[M, C]</c>: the larger the likelier.</summary>
    /// <remarks>-∞ for a class without a training image.</remarks>
    /// <param name="embeddings"><c>[M, d]</c>.</param>
    /// <param name="cancel">Stops it.</param>
    public abstract Tensor Scores(Tensor embeddings, CancellationToken cancel = default);

    /// <summary>W <c>[C, d]</c> and b <c>[C]</c> where the scores are W·φ + b; else null.</summary>
    /// <remarks>So they can stand in a network.</remarks>
    public virtual (Tensor Weight, Tensor Bias)? Linear => null;

    /// <summary>What was chosen, by name, for metrics. Default: nothing.</summary>
    public virtual IReadOnlyDictionary<string, double> Chosen { get; } = new Dictionary<string, double>();

    /// <inheritdoc/>
    public abstract void Dispose();
}
