using Refilled.Evaluation;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Gives a query the class of the nearest support image; the first image on exact ties.</summary>
/// <remarks>By Euclidean distance of the embeddings as they are.</remarks>
/// <param name="network">The network that embeds.</param>
public sealed class NearestNeighbourLearner(EmbeddingNetwork network) : EmbeddingLearner(network)
{
    /// <inheritdoc/>
    public override string Name => "1nn";

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way) =>
        labels.index_select(0, NearestNeighbour.Indices(support, queries));
}
