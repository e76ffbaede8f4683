using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>Neuron selectivity transfer: the student's channels, as unit vectors over the pixels, should be distributed as the
/// teacher's.</summary>
/// <remarks>Squared maximum mean discrepancy with the kernel k(a, b) = ⟨a, b⟩²: mean k(T, T) + mean k(S, S) - 2 mean k(S, T) over
/// all pairs of channels, a channel with itself included; summed over the groups, mean over images. Huang and Wang, "Like What You
/// Like: Knowledge Distill via Neuron Selectivity Transfer", 2017; the usual weight is 50. A channel that is all zero takes part as
/// the vector 0 and has no gradient.</remarks>
public sealed record NeuronSelectivity : GroupwiseLoss
{
    /// <inheritdoc/>
    public override string Name => "neuron-selectivity";

    /// <inheritdoc/>
    protected internal override Tensor OfGroup(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var (learned, taught) = (Channels(student), Channels(teacher));
        var fewPixels = learned.shape[2] < Math.Max(learned.shape[1], taught.shape[1]);
        return (fewPixels ? ByPixels(learned, taught) : ByChannels(learned, taught)).MoveToOuterDisposeScope();
    }

    /// <summary>The kernels' means of each image <c>[B]</c>, by matrices <c>[B, c, c']</c>.</summary>
    /// <param name="student">Unit channels <c>[B, c, h·w]</c>.</param>
    /// <param name="teacher">Unit channels <c>[B, c', h·w]</c>.</param>
    internal static Tensor ByChannels(Tensor student, Tensor teacher) =>
        Kernel(teacher, teacher).Plus(Kernel(student, student)) - Kernel(student, teacher).Times(2);

    /// <summary>The same number by matrices <c>[B, h·w, h·w]</c>, smaller where there are more channels than pixels.</summary>
    /// <remarks>The sum over i, j of ⟨aᵢ, bⱼ⟩² is the inner product of AᵀA and BᵀB.</remarks>
    internal static Tensor ByPixels(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        return (Gram(student) - Gram(teacher)).Squared().sum([1, 2]).MoveToOuterDisposeScope();
    }

    /// <summary>Channels as unit vectors over the pixels, <c>[B, c, h·w]</c>.</summary>
    internal static Tensor Channels(Tensor map)
    {
        using var scope = NewDisposeScope();
        var rows = Distances.Unit(map.flatten(2).flatten(0, 1));
        return rows.view(map.shape[0], map.shape[1], map.shape[2] * map.shape[3]).MoveToOuterDisposeScope();
    }

    /// <summary>Mean over channel pairs of ⟨a, b⟩², <c>[B]</c>.</summary>
    internal static Tensor Kernel(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return a.bmm(b.transpose(1, 2)).Squared().mean([1, 2]).MoveToOuterDisposeScope();
    }

    private static Tensor Gram(Tensor channels) => channels.transpose(1, 2).bmm(channels).Over(channels.shape[1]);
}
