using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Mining;

/// <summary>Euclidean distances between embeddings.</summary>
public static class Distances
{
    /// <summary>Rows of <c>[B, d]</c> divided by their L2 norm (or by 1e-12 where that is larger).</summary>
    public static Tensor Unit(Tensor embedding) => nn.functional.normalize(embedding, p: 2, dim: 1, eps: 1e-12);

    /// <summary>L2 distances <c>[B, M]</c> between rows <c>[B, d]</c> and rows <c>[M, d]</c>, from difference vectors: the
    /// faster matrix product errs by up to 5e-4 near 0. The sub-gradient at distance 0 is 0.</summary>
    public static Tensor Between(Tensor rows, Tensor others) => cdist(rows, others, 2.0, compute_mode: compute_mode.donot_use_mm_for_euclid_dist);

    /// <summary>Distances <c>[B, B]</c> of the unit rows of <c>[B, d]</c>, in fp64: a divergence of two nearly equal
    /// distributions of them loses three digits, and in fp32 too few would be left.</summary>
    public static Tensor OfUnitRows(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var unit = Unit(embedding.to(ScalarType.Float64));
        return Between(unit, unit).MoveToOuterDisposeScope();
    }
}
