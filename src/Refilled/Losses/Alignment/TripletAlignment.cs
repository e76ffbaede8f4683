using System.Numerics;
using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>Makes the student compare images as the teacher does, triplet by triplet.</summary>
/// <remarks>KL(teacher ‖ student) between the probabilities σ((d_an - d_ap) / τ) that an anchor is nearer to its neighbour than to its
/// impostor; mean over triplets. REFILLED (Ye, Lu and Zhan, CVPR 2020), first stage. The poster sums over triplets; the mean is the
/// authors' code's, and ours. At weight 1 the gradient is too small to train; the authors' effective weight is 500.</remarks>
public sealed record TripletAlignment : AlignmentLoss
{
    /// <inheritdoc/>
    public override string Name => "triplet-alignment";

    /// <summary>KL(σ(t) ‖ σ(s)) of each logit, without ever forming a probability that rounds to 0 or 1.</summary>
    internal static Tensor Bernoulli(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var yes = teacher.sigmoid() * (nn.functional.logsigmoid(teacher) - nn.functional.logsigmoid(student));
        var no = (-teacher).sigmoid() * (nn.functional.logsigmoid(-teacher) - nn.functional.logsigmoid(-student));
        return yes.Plus(no).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    private protected override (Tensor Sum, Tensor Count, Tensor Slopes) Chunk(Tensor student, Tensor teacher, Tensor mask, Tensor? longest)
    {
        var none = zeros([], student.dtype, student.device);
        var divergences = where(mask, Bernoulli(student, teacher), none);
        return (divergences.sum(), mask.sum(), where(mask, student.sigmoid() - teacher.sigmoid(), none));
    }

    /// <inheritdoc/>
    /// <remarks>With x = (d_an - d_ap) / τ, log σ(x) = min(x, 0) - log(1 + e^-|x|) and log σ(-x) = log σ(x) - x, the divergence is
    /// log σ(x_T) - log σ(x_S) - σ(-x_T)·(x_T - x_S), and its derivative by x_S is σ(x_S) - σ(x_T) = σ(-x_T) - σ(-x_S).</remarks>
    private protected override (double Sum, long Count) Neighbour(in AnchorRow row, int neighbour, long impostors)
    {
        var (nearS, nearT) = (new Vector<double>(row.Student[neighbour]), new Vector<double>(row.Teacher[neighbour]));
        var perTemperature = new Vector<double>(1 / Temperature);
        var one = Vector<double>.One;
        var (sum, slopes) = (Vector<double>.Zero, Vector<double>.Zero);
        for (var n = 0; n < row.Student.Length; n += Vector<double>.Count)
        {
            var semiHard = new Vector<long>(row.SemiHard[n..]);
            if (semiHard == Vector<long>.Zero) continue;
            var s = (new Vector<double>(row.Student[n..]) - nearS) * perTemperature;
            var t = (new Vector<double>(row.Teacher[n..]) - nearT) * perTemperature;
            var (es, et) = (Vector.Exp(-Vector.Abs(s)), Vector.Exp(-Vector.Abs(t)));
            var (ds, dt) = (one + es, one + et);
            // A semi-hard impostor is farther than the neighbour, so the student's x is positive.
            var againstS = es / ds;
            var againstT = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(t, Vector<double>.Zero), et, one) / dt;
            var divergence = Vector.Log(ds / dt) + Vector.Min(t, Vector<double>.Zero) - againstT * (t - s);
            var slope = (againstT - againstS) * perTemperature;
            sum += Vector.ConditionalSelect(semiHard, divergence, Vector<double>.Zero);
            slope = Vector.ConditionalSelect(semiHard, slope, Vector<double>.Zero);
            (new Vector<double>(row.Gradient[n..]) + slope).CopyTo(row.Gradient[n..]);
            slopes += slope;
        }
        row.Gradient[neighbour] -= Vector.Sum(slopes);
        return (Vector.Sum(sum), impostors);
    }
}
