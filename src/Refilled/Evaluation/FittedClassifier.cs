using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A classifier of embeddings, fitted. It owns its tensors.</summary>
public abstract class FittedClassifier : IDisposable
{
    /// <summary>How much each class speaks for itself, <c>[M, C]</c>: the larger the likelier; -∞ for a class without a training
    /// image.</summary>
    /// <param name="embeddings"><c>[M, d]</c>.</param>
    public abstract Tensor Scores(Tensor embeddings);

    /// <summary>W <c>[C, d]</c> and b <c>[C]</c> where the scores are W·φ + b, so that they can stand in a network; else null.</summary>
    public virtual (Tensor Weight, Tensor Bias)? Linear => null;

    /// <summary>What was chosen, by name, for metrics. Default: nothing.</summary>
    public virtual IReadOnlyDictionary<string, double> Chosen { get; } = new Dictionary<string, double>();

    /// <inheritdoc/>
    public abstract void Dispose();
}
