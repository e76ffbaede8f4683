using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Mining;

/// <summary>Triplets grouped by (anchor, neighbour): one neighbour with all its impostors.</summary>
/// <param name="Anchors">int64 <c>[M]</c>.</param>
/// <param name="Neighbours">int64 <c>[M]</c>.</param>
/// <param name="Impostors">int64 <c>[M, K]</c>, ascending in each row, 0 where the mask is false.</param>
/// <param name="Mask">bool <c>[M, K]</c>: which impostors are real.</param>
/// <param name="Counts">int64 <c>[M]</c>: semi-hard impostors of each pair, before any truncation.</param>
public sealed record TupleIndex(Tensor Anchors, Tensor Neighbours, Tensor Impostors, Tensor Mask, Tensor Counts)
{
    /// <summary>Groups triplets.</summary>
    /// <param name="triplets">int64 <c>[T, 3]</c>, in lexicographic order.</param>
    /// <param name="truncate">Whether every tuple is cut to the shortest one's length, keeping the lowest impostor
    /// indices (as the authors of GKD do).</param>
    /// <returns>The tuples, in lexicographic order; all tensors are in the caller's dispose scope.</returns>
    public static TupleIndex From(Tensor triplets, bool truncate = false)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var device = triplets.device;
        if (triplets.shape[0] == 0)
        {
            Tensor None(params long[] shape) => zeros(shape, ScalarType.Int64, device: device).MoveToOuterDisposeScope();
            return new TupleIndex(None(0), None(0), None(0, 0), zeros([0, 0], ScalarType.Bool, device: device).MoveToOuterDisposeScope(), None(0));
        }
        // A tuple begins where anchor or neighbour differ from the triplet before.
        var keys = triplets.narrow(1, 0, 2);
        var count = triplets.shape[0];
        var begins = cat([ones([1], ScalarType.Bool, device: device), (keys.narrow(0, 1, count - 1) != keys.narrow(0, 0, count - 1)).any(1)], 0);
        var first = nonzero(begins).squeeze(1);
        var tuple = begins.to(ScalarType.Int64).cumsum(0) - 1;
        var place = arange(count, ScalarType.Int64, device: device) - first.index_select(0, tuple);
        var tuples = first.shape[0];
        var counts = zeros([tuples], ScalarType.Int64, device: device).index_add_(0, tuple, ones_like(tuple), 1);
        var longest = counts.max().ToInt64();

        var impostors = zeros([tuples * longest], ScalarType.Int64, device: device).index_copy_(0, tuple * longest + place, triplets.select(1, 2)).view(tuples, longest);
        if (truncate)
        {
            longest = counts.min().ToInt64();
            impostors = impostors.narrow(1, 0, longest).contiguous();
        }
        var mask = arange(longest, ScalarType.Int64, device: device).unsqueeze(0) < counts.unsqueeze(1);
        return new TupleIndex(
            keys.select(1, 0).index_select(0, first).MoveToOuterDisposeScope(),
            keys.select(1, 1).index_select(0, first).MoveToOuterDisposeScope(),
            impostors.MoveToOuterDisposeScope(), mask.MoveToOuterDisposeScope(), counts.MoveToOuterDisposeScope());
    }
}
