using TorchSharp;

namespace Refilled.Losses;

/// <summary>A loss as a sum over items and their number.</summary>
/// <remarks>So means stay right over unequal numbers of triplets, chunks or ranks. No item gives sum 0, count 0 and a zero
/// gradient.</remarks>
/// <param name="Sum">Scalar, fp32 or better, with a gradient.</param>
/// <param name="Count">Scalar, the same device: how many items (samples, triplets, tuples) were summed.</param>
public readonly record struct LossTerm(torch.Tensor Sum, torch.Tensor Count)
{
    /// <summary>A sum over a known number of items; both leave the current dispose scope.</summary>
    internal static LossTerm Of(torch.Tensor sum, long items) =>
        new(sum.MoveToOuterDisposeScope(), Numbers.Full([], items, torch.ScalarType.Float32, sum.device).MoveToOuterDisposeScope());

    /// <summary>The mean over the items; 0, with a zero gradient, where there is none. Scalar.</summary>
    public torch.Tensor Mean()
    {
        using var scope = torch.NewDisposeScope();
        return (Sum / Count.to_type(Sum.dtype).AtLeast(1)).MoveToOuterDisposeScope();
    }
}
