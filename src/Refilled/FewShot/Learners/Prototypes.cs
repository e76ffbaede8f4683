using Refilled.Data.Episodes;
using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>An episode's embeddings as support and queries, and how near these are to prototypes; all of it can be
/// differentiated.</summary>
internal static class Prototypes
{
    /// <summary>The parts of an episode, in fp32 or better.</summary>
    /// <param name="embedding"><c>[N·(K + Q), d]</c>, the support first, both shot by shot.</param>
    /// <param name="shape">N, K and Q.</param>
    /// <returns>Support <c>[K, N, d]</c>, queries <c>[Q, N, d]</c>.</returns>
    /// <exception cref="ArgumentException">There are more or fewer rows.</exception>
    public static (Tensor Support, Tensor Queries) Split(Tensor embedding, EpisodeShape shape)
    {
        if (embedding.shape[0] != shape.Images)
            throw new ArgumentException($"A batch of {embedding.shape[0]} images is no episode: {shape.Way} classes with {shape.Shot} "
                + $"shots and {shape.Query} queries each are {shape.Images}.", nameof(embedding));
        var rows = embedding.AtLeastFp32().view(shape.Shot + shape.Query, shape.Way, embedding.shape[1]);
        return (rows.narrow(0, 0, shape.Shot), rows.narrow(0, shape.Shot, shape.Query));
    }

    /// <summary>-|x - P_c|² / τ, <c>[M, N]</c>.</summary>
    /// <param name="rows">x, <c>[M, d]</c>.</param>
    /// <param name="prototypes">P, <c>[N, d]</c>.</param>
    /// <param name="temperature">τ.</param>
    public static Tensor Logits(Tensor rows, Tensor prototypes, double temperature) =>
        Distances.Between(rows, prototypes).Squared().Over(-temperature);

    /// <summary>The sum of the cross-entropies of images that stand shot by shot.</summary>
    /// <param name="images"><c>[n, N, d]</c>, image s of class c at (s, c).</param>
    /// <param name="prototypes"><c>[N, d]</c>.</param>
    /// <param name="temperature">τ.</param>
    public static Tensor CrossEntropy(Tensor images, Tensor prototypes, double temperature)
    {
        using var scope = NewDisposeScope();
        var way = images.shape[1];
        var labels = tensor(Enumerable.Range(0, (int)(images.shape[0] * way)).Select(row => row % way).ToArray(), device: images.device);
        return nn.functional.cross_entropy(Logits(images.flatten(0, 1), prototypes, temperature), labels, reduction: nn.Reduction.Sum)
            .MoveToOuterDisposeScope();
    }
}
