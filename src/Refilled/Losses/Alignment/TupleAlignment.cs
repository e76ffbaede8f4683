using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>The tuple form of <see cref="TripletAlignment"/>: one neighbour with all its semi-hard impostors.</summary>
/// <remarks>Softmax over [-d_ap, -d_an…] / τ, KL(teacher ‖ student), mean over tuples. The authors' later improvement of REFILLED;
/// their weight is 1000.</remarks>
public sealed record TupleAlignment : AlignmentLoss
{
    /// <summary>Whether all tuples are cut to the shortest one's length. Default false.</summary>
    /// <remarks>The impostors that come first in the batch are kept, as in the code of GKD (TPAMI 2022).</remarks>
    public bool Truncate { get; init; }

    /// <inheritdoc/>
    public override string Name => "tuple-alignment";

    /// <inheritdoc/>
    internal override bool CutsToShortest => Truncate;

    /// <inheritdoc/>
    private protected override Tensor? Longest(SemiHardMiner miner, Tensor student, Tensor labels)
    {
        if (!Truncate) return null;
        using var scope = NewDisposeScope();
        var least = Numbers.Whole(long.MaxValue, student.device);
        foreach (var (_, mask) in miner.Masks(student, labels))
        {
            var found = mask.sum(dim: 2);
            least = minimum(least, found.Filled(found.Is(0), long.MaxValue).min());
        }
        return least.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    private protected override (Tensor Sum, Tensor Count, Tensor Slopes) Chunk(Tensor student, Tensor teacher, Tensor mask, Tensor? longest)
    {
        if (longest is not null) mask = mask.logical_and(mask.to(ScalarType.Int64).cumsum(2) <= longest);
        // The neighbour's own logit is 0: all are relative to it.
        Tensor LogSum(Tensor gaps)
        {
            var logits = (-gaps).Filled(mask.logical_not(), double.NegativeInfinity);
            return nn.functional.pad(logits, [1, 0], PaddingModes.Constant, 0).logsumexp(2);
        }
        var (logS, logT) = (LogSum(student), LogSum(teacher));
        var none = zeros([], student.dtype, student.device);
        var p = where(mask, (-teacher - logT.unsqueeze(2)).exp(), none);
        var q = where(mask, (-student - logS.unsqueeze(2)).exp(), none);
        var divergences = (p * (student - teacher)).sum(dim: 2).Plus(logS) - logT;
        var real = mask.any(2);
        return (where(real, divergences, none).sum(), real.sum(), p - q);
    }

    /// <inheritdoc/>
    private protected override (double Sum, long Count) Neighbour(in AnchorRow row, int neighbour, long impostors)
    {
        if (impostors > row.Longest) Cut(row.SemiHard, row.Longest);
        return (Tuple(row, neighbour), 1);
    }

    /// <summary>Leaves only the first impostors.</summary>
    private static void Cut(Span<long> semiHard, long kept)
    {
        for (var n = 0; n < semiHard.Length; n++)
            if (semiHard[n] != 0 && --kept < 0) semiHard[n] = 0;
    }

    /// <summary>The divergence of one tuple.</summary>
    /// <remarks>With logits x_n = (d_ap - d_an) / τ, 0 for the neighbour itself, and Z = 1 + Σ e^x_n, the divergence is
    /// Σ p_T(n)·(x_T(n) - x_S(n)) + log Z_S - log Z_T, and its derivative by x_S(n) is p_S(n) - p_T(n).</remarks>
    private double Tuple(in AnchorRow row, int neighbour)
    {
        // The student's logits are negative; the teacher's may be large, and are taken relative to the largest.
        var largest = Math.Max(0, Largest(row, neighbour));
        var (nearS, nearT) = (new Vector<double>(row.Student[neighbour]), new Vector<double>(row.Teacher[neighbour]));
        var (perTemperature, top) = (new Vector<double>(1 / Temperature), new Vector<double>(largest));
        var (zs, zt, weighted) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        for (var n = 0; n < row.Student.Length; n += Vector<double>.Count)
        {
            var semiHard = new Vector<long>(row.SemiHard[n..]);
            if (semiHard == Vector<long>.Zero) continue;
            var s = (nearS - new Vector<double>(row.Student[n..])) * perTemperature;
            var t = (nearT - new Vector<double>(row.Teacher[n..])) * perTemperature;
            var es = Vector.ConditionalSelect(semiHard, Vector.Exp(s), Vector<double>.Zero);
            var et = Vector.ConditionalSelect(semiHard, Vector.Exp(t - top), Vector<double>.Zero);
            zs += es;
            zt += et;
            weighted += Vector.ConditionalSelect(semiHard, et * (t - s), Vector<double>.Zero);
        }
        var (sumS, sumT) = (1 + Vector.Sum(zs), Math.Exp(-largest) + Vector.Sum(zt));
        var (perSumS, perSumT) = (new Vector<double>(1 / sumS), new Vector<double>(1 / sumT));
        var slopes = Vector<double>.Zero;
        for (var n = 0; n < row.Student.Length; n += Vector<double>.Count)
        {
            var semiHard = new Vector<long>(row.SemiHard[n..]);
            if (semiHard == Vector<long>.Zero) continue;
            var s = (nearS - new Vector<double>(row.Student[n..])) * perTemperature;
            var t = (nearT - new Vector<double>(row.Teacher[n..])) * perTemperature;
            // x falls where d_an grows.
            var difference = Vector.Exp(t - top) * perSumT - Vector.Exp(s) * perSumS;
            var slope = Vector.ConditionalSelect(semiHard, difference, Vector<double>.Zero) * perTemperature;
            (new Vector<double>(row.Gradient[n..]) + slope).CopyTo(row.Gradient[n..]);
            slopes += slope;
        }
        row.Gradient[neighbour] -= Vector.Sum(slopes);
        return Vector.Sum(weighted) / sumT + Math.Log(sumS) - Math.Log(sumT) - largest;
    }

    /// <summary>The largest of the teacher's logits among a tuple's impostors.</summary>
    private double Largest(in AnchorRow row, int neighbour)
    {
        var none = new Vector<double>(double.PositiveInfinity);
        var least = none;
        for (var n = 0; n < row.Teacher.Length; n += Vector<double>.Count)
        {
            var distances = new Vector<double>(row.Teacher[n..]);
            least = Vector.Min(least, Vector.ConditionalSelect(new Vector<long>(row.SemiHard[n..]), distances, none));
        }
        var nearest = double.PositiveInfinity;
        for (var i = 0; i < Vector<double>.Count; i++) nearest = Math.Min(nearest, least[i]);
        return (row.Teacher[neighbour] - nearest) / Temperature;
    }
}
