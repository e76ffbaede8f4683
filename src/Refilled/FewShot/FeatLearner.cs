using Refilled.Evaluation;
using Refilled.Mining;
using Refilled.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>As <see cref="PrototypeLearner"/>, with a task's prototypes adapted to each other by a transformer; queries stay as they are.</summary>
/// <remarks>FEAT (Ye, Hu, Zhan and Sha, CVPR 2020).</remarks>
/// <param name="network">The network that embeds.</param>
/// <param name="transformer">What adapts; of the embedding's size. It is used as it is at each task, and stays the caller's.</param>
public sealed class FeatLearner(EmbeddingNetwork network, SetTransformer transformer) : EmbeddingLearner(network)
{
    /// <inheritdoc/>
    public override string Name => "feat";

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way)
    {
        using var means = NearestClassMean.Fit(support, labels, unit: false);
        var device = transformer.parameters().First().device;
        var adapted = transformer.call(means.Centres.to(device)).to(queries.device);
        return Distances.Between(queries, adapted).argmin(1);
    }
}
