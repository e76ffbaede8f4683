using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>The images that few-shot tasks are made of, and what frozen networks make of them.</summary>
/// <remarks>Each network passes over the whole set once, whoever asks.</remarks>
/// <param name="set">The images.</param>
public sealed class FewShotSource(ImageSet set) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<EmbeddingNetwork, Tensor> embeddings = new(ReferenceEqualityComparer.Instance);

    /// <summary>The images.</summary>
    public ImageSet Set { get; } = set;

    /// <summary>The embeddings of all images in the evaluation view, fp32 <c>[N, d]</c> on the CPU; owned by the source.</summary>
    /// <param name="network">A network whose weights don't change any more.</param>
    /// <param name="cancel">Stops the pass.</param>
    public Tensor Embeddings(EmbeddingNetwork network, CancellationToken cancel = default)
    {
        lock (gate)
        {
            if (embeddings.TryGetValue(network, out var known)) return known;
            using var readings = NetworkReader.Read(network, Set, cancel);
            return embeddings[network] = readings.Embeddings.clone().DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var tensor in embeddings.Values) tensor.Dispose();
            embeddings.Clear();
        }
    }
}
