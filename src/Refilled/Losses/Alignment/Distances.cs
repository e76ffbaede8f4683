using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>Euclidean distances between embeddings.</summary>
public static class Distances
{
    /// <summary>Rows of <c>[B, d]</c> divided by their L2 norm.</summary>
    /// <remarks>A row whose norm is below 1e-12 stays as it is, with slope 1: divided by 1e-12, as is usual, one dead row would
    /// have a gradient 1e12 times too large.</remarks>
    public static Tensor Unit(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var norm = embedding.norm(1, true, 2);
        return (embedding / where(norm.Above(1e-12), norm, ones_like(norm))).MoveToOuterDisposeScope();
    }

    /// <summary>L2 distances <c>[B, M]</c> between rows <c>[B, d]</c> and rows <c>[M, d]</c>.</summary>
    /// <remarks>From difference vectors: the faster matrix product errs by up to 5e-4 near 0. The sub-gradient at distance 0 is
    /// 0.</remarks>
    public static Tensor Between(Tensor rows, Tensor others) =>
        cdist(rows, others, 2.0, compute_mode: compute_mode.donot_use_mm_for_euclid_dist);

    /// <summary>Distances <c>[B, B]</c> of the unit rows of <c>[B, d]</c>, in fp64.</summary>
    /// <remarks>A divergence of two nearly equal distributions of them loses three digits, and in fp32 too few would be
    /// left.</remarks>
    public static Tensor OfUnitRows(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var unit = Unit(embedding.to(ScalarType.Float64));
        return Between(unit, unit).MoveToOuterDisposeScope();
    }
}
