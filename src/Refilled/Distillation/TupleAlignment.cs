using Refilled.Mining;
using static TorchSharp.torch;

namespace Refilled.Distillation;

/// <summary>The tuple form of <see cref="TripletAlignment"/>: one neighbour with all its semi-hard impostors, softmax over
/// [-d_ap, -d_an…] / τ, KL(teacher ‖ student), mean over tuples.</summary>
/// <remarks>The authors' later improvement of REFILLED; their weight is 1000.</remarks>
public sealed record TupleAlignment : AlignmentLoss
{
    /// <summary>Whether all tuples are cut to the shortest one's length, as in the code of GKD (TPAMI 2022). Default false.</summary>
    public bool Truncate { get; init; }

    /// <inheritdoc/>
    public override string Name => "tuple-alignment";

    /// <inheritdoc/>
    protected internal override Tensor Divergences(Tensor student, Tensor teacher, Tensor triplets)
    {
        using var scope = NewDisposeScope();
        var tuples = TupleIndex.From(triplets, Truncate);
        var s = LogProbabilities(student, tuples);
        var t = LogProbabilities(teacher, tuples);
        // Masked entries are -inf in both; their part of the divergence is 0.
        var real = cat([ones_like(tuples.Mask.narrow(1, 0, 0).any(1, keepdim: true)), tuples.Mask], 1);
        var difference = (t - s).masked_fill(real.logical_not(), 0);
        return (t.exp() * difference).sum(dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>Log-softmax over the neighbour and the impostors, <c>[M, 1 + K]</c>; -inf where masked.</summary>
    internal Tensor LogProbabilities(Tensor distances, TupleIndex tuples)
    {
        using var scope = NewDisposeScope();
        var anchors = tuples.Anchors.unsqueeze(1);
        var near = Entries(distances, anchors, tuples.Neighbours.unsqueeze(1));
        var far = Entries(distances, anchors, tuples.Impostors).masked_fill(tuples.Mask.logical_not(), double.PositiveInfinity);
        return nn.functional.log_softmax(-cat([near, far], 1) / Temperature, 1).MoveToOuterDisposeScope();
    }
}
