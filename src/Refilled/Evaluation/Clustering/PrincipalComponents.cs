using static TorchSharp.torch;

namespace Refilled.Evaluation.Clustering;

/// <summary>The directions in which rows differ most, and where the rows lie along them.</summary>
/// <remarks>Eigenvectors of the covariance (Pearson 1901), in fp64. An eigenvector's sign means nothing: here its largest coefficient is
/// positive, the first one where several are as large, so that the same rows give the same picture everywhere.</remarks>
/// <param name="Axes">Unit rows <c>[count, d]</c>, the direction of the largest variance first.</param>
/// <param name="Variances">Along each axis, with N in the denominator.</param>
/// <param name="Explained">The part of the whole variance that each has, in [0, 1]; 0 where all rows are the same.</param>
/// <param name="Places">Where each row lies along the axes, from the mean, <c>[N, count]</c>.</param>
internal sealed record PrincipalComponents(double[][] Axes, double[] Variances, double[] Explained, double[][] Places)
{
    /// <summary>Finds the first components.</summary>
    /// <param name="rows">N rows, at least one, of d finite numbers each.</param>
    /// <param name="count">How many, from 1 to d.</param>
    /// <exception cref="ArgumentException">There are no rows, too few numbers in each, or a number that is NaN or infinite.</exception>
    public static PrincipalComponents Of(IReadOnlyList<double[]> rows, int count)
    {
        if (rows.Count == 0) throw new ArgumentException("There are no rows.", nameof(rows));
        var size = rows[0].Length;
        if (count < 1 || count > size)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Rows of {size} numbers have 1 to {size} components.");
        if (rows.Any(row => row.Any(number => !double.IsFinite(number))))
            throw new ArgumentException("A number of the rows is NaN or infinite.", nameof(rows));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var all = tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, size]);
        var centred = all - all.mean([0]);
        var (values, vectors) = linalg.eigh(centred.transpose(0, 1).matmul(centred).Over(rows.Count));
        var (found, columns) = (values.data<double>().ToArray(), vectors.transpose(0, 1).contiguous().data<double>().ToArray());
        // The engine has the smallest first.
        var axes = Enumerable.Range(1, count).Select(i => Signed(columns[((size - i) * size)..((size - i + 1) * size)])).ToArray();
        var variances = Enumerable.Range(1, count).Select(i => Math.Max(0, found[size - i])).ToArray();
        var whole = found.Sum(value => Math.Max(0, value));
        var along = centred.matmul(tensor(axes.SelectMany(axis => axis).ToArray(), [count, size]).transpose(0, 1)).data<double>().ToArray();
        return new(axes, variances, [.. variances.Select(own => whole > 0 ? own / whole : 0)], [.. along.Chunk(count)]);
    }

    private static double[] Signed(double[] axis)
    {
        var largest = axis.Max(Math.Abs);
        // Two that differ by rounding alone are as large.
        var sign = Math.Sign(axis.First(number => Math.Abs(number) >= largest * (1 - 1e-9)));
        return [.. axis.Select(number => sign * number)];
    }
}
