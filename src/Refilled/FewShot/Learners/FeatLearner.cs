using Refilled.Evaluation;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>As <see cref="PrototypeLearner"/>, with a task's prototypes adapted to each other by a transformer; queries stay as
/// they are.</summary>
/// <remarks>FEAT (Ye, Hu, Zhan and Sha, CVPR 2020).</remarks>
/// <param name="network">The network that embeds.</param>
/// <param name="transformer">What adapts; of the embedding's size. It is used as it is at each task, and stays the caller's.</param>
public sealed class FeatLearner(EmbeddingNetwork network, SetTransformer transformer) : EmbeddingLearner(network), IStudentMaker
{
    /// <inheritdoc/>
    public override string Name => "feat";

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way)
    {
        using var means = NearestClassMean.Fit(support, labels, unit: false);
        return Distances.Between(queries, Adapt(means.Centres)).argmin(1);
    }

    /// <summary>The network with a classifier that is equal to the nearest adapted prototype: <c>W = 2p</c>, <c>b = -|p|²</c>.</summary>
    public EmbeddingNetwork MakeStudent(FewShotTask task) => MeanStudent(task, Adapt);

    private Tensor Adapt(Tensor means) => transformer.call(means.to(transformer.parameters().First().device)).to(means.device);
}
