using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Passes whole sets through a network in evaluation mode.</summary>
internal static class NetworkReader
{
    /// <summary>Reads embeddings and logits of every image, in the set's order, in the evaluation view.</summary>
    /// <remarks>The network's mode is put back afterwards.</remarks>
    /// <returns>The readings, on the CPU; the caller disposes them.</returns>
    public static Readings Read(EmbeddingNetwork network, ImageSet set)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wasTraining = network.training;
        network.eval();
        try
        {
            var embeddings = new List<Tensor>();
            var logits = new List<Tensor>();
            foreach (var batch in BatchStream.Evaluation(set).Epoch(0))
            {
                using (batch)
                {
                    var signals = network.Observe(batch.Images, Needs.Embedding | Needs.Logits);
                    embeddings.Add(signals.Embedding.cpu());
                    logits.Add(signals.Logits.cpu());
                }
            }
            var labels = tensor(set.Labels.Select(label => (long)label).ToArray());
            return new Readings(cat(embeddings, 0).DetachFromDisposeScope(), cat(logits, 0).DetachFromDisposeScope(),
                labels.DetachFromDisposeScope());
        }
        finally
        {
            network.train(wasTraining);
        }
    }
}

/// <summary>What a network gives for each image of a set.</summary>
/// <param name="Embeddings">fp32 <c>[N, d]</c>.</param>
/// <param name="Logits">fp32 <c>[N, C]</c>.</param>
/// <param name="Labels">int64 <c>[N]</c>.</param>
internal sealed record Readings(Tensor Embeddings, Tensor Logits, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Embeddings.Dispose();
        Logits.Dispose();
        Labels.Dispose();
    }
}
