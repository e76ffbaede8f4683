using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Classifies by the nearest training image, by Euclidean distance of the embeddings: a class's score is minus the distance
/// to its nearest image.</summary>
public sealed record NearestNeighbourClassifier : EmbeddingClassifier
{
    /// <summary>Largest distance matrix that is made at once, in elements.</summary>
    private const long LargestMatrix = 1 << 24;

    /// <inheritdoc/>
    public override string Name => "nearest-neighbour";

    /// <inheritdoc/>
    public override bool ChoosesOnHeldOut => false;

    /// <inheritdoc/>
    public override FittedClassifier Fit(Readings train, Readings heldOut, int classes)
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

        public override Tensor Scores(Tensor embeddings)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var chunk = Math.Max(1, LargestMatrix / rows.shape[0]);
            var scores = new List<Tensor> { zeros([0, members.Length], embeddings.dtype, embeddings.device) };
            for (long from = 0; from < embeddings.shape[0]; from += chunk)
            {
                using var inner = NewDisposeScope();
                var distances = Distances.Between(embeddings.narrow(0, from, Math.Min(chunk, embeddings.shape[0] - from)), rows);
                scores.Add(stack([.. members.Select(own => own.shape[0] == 0
                    ? Numbers.Full([distances.shape[0]], double.NegativeInfinity, distances.dtype, distances.device)
                    : -distances.index_select(1, own).amin([1]))], 1).MoveToOuterDisposeScope());
            }
            return cat(scores, 0).MoveToOuterDisposeScope();
        }

        public override void Dispose()
        {
            rows.Dispose();
            foreach (var own in members) own.Dispose();
        }
    }
}
