using Refilled.Data;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Passes whole sets through a network in evaluation mode.</summary>
internal static class NetworkReader
{
    /// <summary>Reads embeddings and logits of every image, in the set's order, in the evaluation view.</summary>
    /// <remarks>The network's mode is put back afterwards.</remarks>
    /// <param name="network">The network.</param>
    /// <param name="set">The images; there may be none.</param>
    /// <param name="cancel">Stops between two batches.</param>
    /// <returns>The readings, on the CPU; the caller disposes them.</returns>
    public static Readings Read(EmbeddingNetwork network, ImageSet set, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var wasTraining = network.training;
        network.eval();
        try
        {
            var signals = set.Count == 0
                ? new Signals(empty(0, network.EmbeddingSize), empty(0, network.Classes))
                : Signals.Join(BatchStream.Evaluation(set).Epoch(0)
                    .Read(batch => network.Observe(batch.Images, Needs.Embedding | Needs.Logits), cancel));
            var labels = tensor(set.Labels.Select(label => (long)label).ToArray());
            return new Readings(signals.Embedding.cpu().DetachFromDisposeScope(), signals.Logits.cpu().DetachFromDisposeScope(),
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
    /// <summary>The embeddings as unit rows, in fp64.</summary>
    /// <exception cref="NotFiniteNumberException">One is NaN or infinite.</exception>
    public double[][] UnitRows()
    {
        using var scope = NewDisposeScope();
        var rows = Distances.Unit(Embeddings.to(ScalarType.Float64)).contiguous();
        var numbers = rows.data<double>().ToArray();
        return numbers.All(double.IsFinite) ? [.. numbers.Chunk((int)rows.shape[1])]
            : throw new NotFiniteNumberException("The embedding of an image is NaN or infinite; images can't be compared by it.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Embeddings.Dispose();
        Logits.Dispose();
        Labels.Dispose();
    }
}
