using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>A classifier of class means, for a network of which the embedding alone was trained so far.</summary>
/// <remarks>From the means p_c of the training images, <c>W_c = 2·p_c</c> and <c>b_c = -|p_c|²</c>, so that the largest logit is
/// the nearest mean. Snell, Swersky and Zemel, NIPS 2017, Eq. 8.</remarks>
internal static class MeanClassifier
{
    /// <summary>Writes it into the network.</summary>
    public static void Give(EmbeddingNetwork network, ImageSet train, CancellationToken cancel = default)
    {
        using var seen = NetworkReader.Read(network, train, cancel);
        using var means = ClassMeans.Of(seen.Embeddings, seen.Labels, train.Classes);
        Give(network, means);
    }

    /// <summary>Writes that of given means <c>[C, d]</c> into the network.</summary>
    public static void Give(EmbeddingNetwork network, Tensor means)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        network.SetClassifier(means.Times(2), -means.Squared().sum(dim: 1));
    }
}
