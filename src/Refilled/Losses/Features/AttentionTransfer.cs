using Refilled.Losses.Alignment;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>Makes the student look where the teacher looks: squared differences of their attention maps.</summary>
/// <remarks>An attention map is the mean over channels of |F|^p at each pixel, divided by its norm; the loss is the mean over
/// pixels of the squared differences, summed over the groups, mean over images. Zagoruyko and Komodakis, "Paying More Attention to
/// Attention", ICLR 2017; the mean over pixels in place of the norm is the published code's, whose usual weight is 1000. An image
/// whose map is all zero has the attention 0 and no gradient.</remarks>
public sealed record AttentionTransfer : GroupwiseLoss
{
    /// <summary>p, at least 1. Default 2 (the paper).</summary>
    public double Power { get; init; } = 2;

    /// <inheritdoc/>
    public override string Name => "attention-transfer";

    /// <inheritdoc/>
    public override IEnumerable<(string Option, string Message)> Validate() =>
        [.. base.Validate(), .. Check.Range("power", Power, 1.0, 16.0)];

    /// <inheritdoc/>
    protected internal override Tensor OfGroup(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        return FeatureMatching.MeanOfEach((Attention(student) - Attention(teacher)).Squared()).MoveToOuterDisposeScope();
    }

    /// <summary>The attention of each image, unit rows <c>[B, h·w]</c>.</summary>
    internal Tensor Attention(Tensor map)
    {
        using var scope = NewDisposeScope();
        return Distances.Unit((Power == 2 ? map.Squared() : map.abs().ToThe(Power)).mean([1]).flatten(1)).MoveToOuterDisposeScope();
    }
}
