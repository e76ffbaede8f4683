using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>Means of the embeddings of each class.</summary>
internal static class ClassMeans
{
    /// <summary>Means <c>[C, d]</c> of the rows <c>[N, d]</c> of each class, without a gradient; zero for classes without a row.</summary>
    /// <param name="embedding"><c>[N, d]</c>.</param>
    /// <param name="labels">int64 <c>[N]</c>, in 0 … C-1.</param>
    /// <param name="classes">C.</param>
    public static Tensor Of(Tensor embedding, Tensor labels, int classes)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var member = nn.functional.one_hot(labels, classes).to(embedding.dtype);
        return (member.transpose(0, 1).matmul(embedding) / member.sum(dim: 0).AtLeast(1).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Of"/>, divided by their norms.</summary>
    public static Tensor UnitOf(Tensor embedding, Tensor labels, int classes)
    {
        using var means = Of(embedding, labels, classes);
        return Distances.Unit(means);
    }
}
