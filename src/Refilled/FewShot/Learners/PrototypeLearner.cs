using Refilled.Evaluation;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Gives a query the class whose prototype, the mean of its support embeddings, is nearest; the first on ties.</summary>
/// <remarks>By squared Euclidean distance. Over a network that episodes trained it is a prototypical network (Snell, Swersky and
/// Zemel, NIPS 2017), over any other the nearest class mean.</remarks>
/// <param name="network">The network that embeds.</param>
/// <param name="name">The row's name. Default "protonet".</param>
public sealed class PrototypeLearner(EmbeddingNetwork network, string name = "protonet") : EmbeddingLearner(network), IStudentMaker
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way)
    {
        using var means = NearestClassMean.Fit(support, labels, unit: false);
        return means.Predict(queries);
    }

    /// <summary>The network with a classifier that is equal to the nearest prototype: <c>W = 2p</c>, <c>b = -|p|²</c>.</summary>
    public EmbeddingNetwork MakeStudent(FewShotTask task) => MeanStudent(task, means => means);
}
