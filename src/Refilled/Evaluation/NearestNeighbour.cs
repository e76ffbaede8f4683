using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Classifies by the nearest training row, by Euclidean distance.</summary>
public static class NearestNeighbour
{
    /// <summary>Largest distance matrix that is made at once, in elements.</summary>
    private const long LargestMatrix = 1 << 24;

    /// <summary>The index of each row's nearest training row: int64 <c>[M]</c>; the lowest index on exact ties.</summary>
    /// <param name="train"><c>[N, d]</c>, at least one row.</param>
    /// <param name="test"><c>[M, d]</c>.</param>
    /// <param name="cancel">Stops between some rows and the next.</param>
    /// <exception cref="ArgumentException">There is no training row.</exception>
    public static Tensor Indices(Tensor train, Tensor test, CancellationToken cancel = default)
    {
        if (train.shape[0] == 0) throw new ArgumentException("There are no rows to be near to.", nameof(train));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return OfDistances(train, test, zeros([0], ScalarType.Int64, device: train.device), distances => distances.argmin(1), cancel)
            .MoveToOuterDisposeScope();
    }

    /// <summary>What is read from the distances between test and training rows, some test rows at a time.</summary>
    /// <param name="train"><c>[N, d]</c>, at least one row.</param>
    /// <param name="test"><c>[M, d]</c>.</param>
    /// <param name="none">What is read of no test row.</param>
    /// <param name="read">Reads a row for each of some test rows from their distances <c>[m, N]</c>.</param>
    /// <param name="cancel">Stops between some and the next.</param>
    internal static Tensor OfDistances(Tensor train, Tensor test, Tensor none, Func<Tensor, Tensor> read, CancellationToken cancel)
    {
        var chunk = Math.Max(1, LargestMatrix / train.shape[0]);
        var parts = new List<Tensor> { none };
        for (long from = 0; from < test.shape[0]; from += chunk)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            parts.Add(read(Distances.Between(test.narrow(0, from, Math.Min(chunk, test.shape[0] - from)), train))
                .MoveToOuterDisposeScope());
        }
        return cat(parts, 0);
    }

    /// <summary>The part of test rows whose nearest training row has their label, in [0, 1].</summary>
    /// <exception cref="ArgumentException">There is no training row or no test row.</exception>
    public static double Accuracy(
        Tensor train, Tensor trainLabels, Tensor test, Tensor testLabels, CancellationToken cancel = default)
    {
        if (testLabels.shape[0] == 0) throw new ArgumentException("There are no rows to measure.", nameof(testLabels));
        using var scope = NewDisposeScope();
        return (trainLabels.index_select(0, Indices(train, test, cancel)) == testLabels).to(ScalarType.Float64).mean().Number();
    }
}

/// <summary>Classifies by the nearest training image, by Euclidean distance of the embeddings.</summary>
/// <remarks>A class's score is minus the distance to its nearest image.</remarks>
internal sealed record NearestNeighbourClassifier : EmbeddingClassifier
{
    /// <inheritdoc/>
    public override string Name => "nearest-neighbour";

    /// <inheritdoc/>
    public override bool ChoosesOnHeldOut => false;

    /// <inheritdoc/>
    public override FittedClassifier Fit(Readings train, Readings heldOut, int classes, CancellationToken cancel = default)
    {
        if (train.Labels.shape[0] == 0) throw new ArgumentException("There are no rows to be near to.", nameof(train));
        return new Neighbours(train, classes);
    }

    private sealed class Neighbours : FittedClassifier
    {
        private readonly Tensor rows;
        private readonly Tensor[] members;

        public Neighbours(Readings train, int classes)
        {
            using var scope = NewDisposeScope();
            rows = train.Embeddings.clone().DetachFromDisposeScope();
            members = [.. Enumerable.Range(0, classes).Select(c => nonzero(train.Labels.Is(c)).squeeze(1).DetachFromDisposeScope())];
        }

        public override Tensor Scores(Tensor embeddings, CancellationToken cancel = default)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            return NearestNeighbour.OfDistances(rows, embeddings, zeros([0, members.Length], embeddings.dtype, embeddings.device),
                distances => stack([.. members.Select(own => own.shape[0] == 0
                    ? Numbers.Full([distances.shape[0]], double.NegativeInfinity, distances.dtype, distances.device)
                    : -distances.index_select(1, own).amin([1]))], 1), cancel).MoveToOuterDisposeScope();
        }

        public override void Dispose()
        {
            rows.Dispose();
            foreach (var own in members) own.Dispose();
        }
    }
}
