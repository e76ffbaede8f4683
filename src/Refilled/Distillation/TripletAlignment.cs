using static TorchSharp.torch;

namespace Refilled.Distillation;

/// <summary>Makes the student compare images as the teacher does: KL(teacher ‖ student) between the probabilities
/// σ((d_an - d_ap) / τ) that an anchor is nearer to its neighbour than to its impostor; mean over triplets.</summary>
/// <remarks>REFILLED (Ye, Lu and Zhan, CVPR 2020), first stage. The poster sums over triplets; the mean is the authors'
/// code's, and ours. At weight 1 the gradient is too small to train; the authors' effective weight is 500.</remarks>
public sealed record TripletAlignment : AlignmentLoss
{
    /// <inheritdoc/>
    public override string Name => "triplet-alignment";

    /// <inheritdoc/>
    protected internal override Tensor Divergences(Tensor student, Tensor teacher, Tensor triplets) => Bernoulli(Logits(student, triplets), Logits(teacher, triplets));

    /// <summary>KL(σ(t) ‖ σ(s)) of each logit, without ever forming a probability that rounds to 0 or 1.</summary>
    internal static Tensor Bernoulli(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var yes = teacher.sigmoid() * (nn.functional.logsigmoid(teacher) - nn.functional.logsigmoid(student));
        var no = (-teacher).sigmoid() * (nn.functional.logsigmoid(-teacher) - nn.functional.logsigmoid(-student));
        return (yes + no).MoveToOuterDisposeScope();
    }

    /// <summary>(d_an - d_ap) / τ of each triplet, <c>[T]</c>.</summary>
    internal Tensor Logits(Tensor distances, Tensor triplets)
    {
        using var scope = NewDisposeScope();
        var (anchor, neighbour, impostor) = (triplets.select(1, 0), triplets.select(1, 1), triplets.select(1, 2));
        return ((Entries(distances, anchor, impostor) - Entries(distances, anchor, neighbour)) / Temperature).MoveToOuterDisposeScope();
    }
}
