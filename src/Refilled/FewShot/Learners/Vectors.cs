using System.Numerics;

namespace Refilled.FewShot.Learners;

/// <summary>Sums over rows of numbers, several at a time.</summary>
internal static class Vectors
{
    /// <summary>Σ a_i·b_i.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count) sums += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
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
