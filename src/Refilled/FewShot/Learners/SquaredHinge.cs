using System.Numerics;

namespace Refilled.FewShot.Learners;

/// <summary>Linear support vector machines with two classes by dual coordinate descent.</summary>
/// <remarks>Solved is <c>min_w |w|²/2 + C·Σ_i max(0, 1 - y_i·w·x_i)²</c>, in terms of the inner products of the rows alone. Hsieh,
/// Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008, for the squared
/// loss: the dual is strictly convex, so that its solution doesn't depend on the order of the rows. Theirs keeps w; with rows fewer
/// than their size, as in a few-shot task, the products are less work, and the same for all classes.</remarks>
internal static class SquaredHinge
{
    /// <summary>The β with <c>w = Σ_i β_i·x_i</c>.</summary>
    /// <param name="products">x_i·x_j, <c>[n, n]</c>.</param>
    /// <param name="signs">y, each 1 or -1, <c>[n]</c>.</param>
    /// <param name="c">C, positive.</param>
    /// <param name="tolerance">The largest projected gradient of the dual over a sweep at which the search ends.</param>
    /// <param name="sweeps">Most sweeps over the rows.</param>
    public static double[] Solve(ReadOnlySpan<double> products, ReadOnlySpan<double> signs, double c, double tolerance, int sweeps)
    {
        var n = signs.Length;
        var (beta, scores) = (new double[n], new double[n]); // scores: w·x_i
        for (var sweep = 0; sweep < sweeps; sweep++)
        {
            var largest = 0.0;
            // In the rows' own order, class after class, 150 of them take thirty times as many sweeps.
            foreach (var i in SeedMix.Permutation(n, sweep, SeedStream.Order))
            {
                var row = products.Slice(i * n, n);
                var alpha = signs[i] * beta[i];
                var gradient = signs[i] * scores[i] - 1 + alpha / (2 * c);
                var projected = alpha > 0 ? gradient : Math.Min(gradient, 0);
                if (double.IsNaN(projected)) return beta;
                if (projected == 0) continue;
                largest = Math.Max(largest, Math.Abs(projected));
                var change = signs[i] * (Math.Max(0, alpha - gradient / (row[i] + 1 / (2 * c))) - alpha);
                beta[i] += change;
                Vectors.Add(scores, change, row);
            }
            if (largest <= tolerance) break;
        }
        return beta;
    }
}

/// <summary>Sums over rows of numbers, several at a time.</summary>
internal static class Vectors
{
    /// <summary>Σ a_i·b_i.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
            sums += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Adds factor·x to sums.</summary>
    public static void Add(Span<double> sums, double factor, ReadOnlySpan<double> x)
    {
        var i = 0;
        for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(sums[i..]) + factor * new Vector<double>(x[i..])).CopyTo(sums[i..]);
        for (; i < sums.Length; i++) sums[i] += factor * x[i];
    }
}
