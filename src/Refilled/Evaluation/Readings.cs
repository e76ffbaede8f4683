using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>What a network gives for each image of a set.</summary>
/// <param name="Embeddings">fp32 <c>[N, d]</c>.</param>
/// <param name="Logits">fp32 <c>[N, C]</c>.</param>
/// <param name="Labels">int64 <c>[N]</c>.</param>
public sealed record Readings(Tensor Embeddings, Tensor Logits, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Embeddings.Dispose();
        Logits.Dispose();
        Labels.Dispose();
    }
}
