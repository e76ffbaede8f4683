namespace Refilled.Evaluation.Clustering;

/// <summary>Divides rows into k groups whose members are near to the group's mean.</summary>
/// <remarks>Lloyd's iteration (IEEE Transactions on Information Theory 1982) from centres that are drawn by k-means++ (Arthur and
/// Vassilvitskii, SODA 2007): each with a probability in proportion to the squared distance to the nearest one before it. A row between two
/// centres goes to the one of the lower number. A group that loses its last row gets the row that is farthest from its own centre, so that
/// there are always k groups.</remarks>
internal static class KMeans
{
    private const int MostIterations = 100;

    /// <summary>The group of each row, <c>[N]</c>, in 0 … k-1; none is empty.</summary>
    /// <param name="rows">N rows of d finite numbers each.</param>
    /// <param name="groups">k, from 1 to N.</param>
    /// <param name="seed">Decides the first centres.</param>
    /// <param name="cancel">Stops between two iterations.</param>
    /// <exception cref="ArgumentException">There are fewer rows than groups, or a number is NaN or infinite.</exception>
    public static int[] Divide(IReadOnlyList<double[]> rows, int groups, long seed, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (rows.Count < groups) throw new ArgumentException($"{rows.Count} rows can't be divided into {groups} groups.", nameof(rows));
        if (rows.Any(row => row.Any(number => !double.IsFinite(number))))
            throw new ArgumentException("A number of the rows is NaN or infinite.", nameof(rows));
        var centres = First(rows, groups, seed);
        var own = new int[rows.Count];
        Array.Fill(own, -1);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            var (next, distances) = Nearest(rows, centres);
            FillEmpty(next, distances, groups);
            if (next.AsSpan().SequenceEqual(own)) break;
            own = next;
            centres = Means(rows, own, groups);
        }
        return own;
    }

    /// <summary>The squared Euclidean distance of two rows.</summary>
    internal static double Squared(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    /// <summary>The first centres. Where all rows stand on centres already, the first row that isn't one is the next.</summary>
    private static double[][] First(IReadOnlyList<double[]> rows, int groups, long seed)
    {
        var random = new SeededRandom(seed, SeedStream.Clusters);
        var chosen = new List<int> { random.Below(rows.Count) };
        var nearest = new double[rows.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        while (chosen.Count < groups)
        {
            var sum = 0.0;
            for (var i = 0; i < rows.Count; i++) sum += nearest[i] = Math.Min(nearest[i], Squared(rows[i], rows[chosen[^1]]));
            var left = random.Next() * sum;
            var next = -1;
            for (var i = 0; i < rows.Count && left >= 0; i++)
            {
                if (nearest[i] == 0) continue;
                left -= nearest[i];
                next = i; // the last that counts, where rounding leaves something over
            }
            chosen.Add(next >= 0 ? next : Enumerable.Range(0, rows.Count).First(i => !chosen.Contains(i)));
        }
        return [.. chosen.Select(i => rows[i])];
    }

    private static (int[] Nearest, double[] Distances) Nearest(IReadOnlyList<double[]> rows, double[][] centres)
    {
        var (nearest, distances) = (new int[rows.Count], new double[rows.Count]);
        for (var i = 0; i < rows.Count; i++)
        {
            distances[i] = double.PositiveInfinity;
            for (var c = 0; c < centres.Length; c++)
                if (Squared(rows[i], centres[c]) is var distance && distance < distances[i]) (nearest[i], distances[i]) = (c, distance);
        }
        return (nearest, distances);
    }

    private static void FillEmpty(int[] own, double[] distances, int groups)
    {
        var sizes = new int[groups];
        foreach (var group in own) sizes[group]++;
        for (var empty = Array.IndexOf(sizes, 0); empty >= 0; empty = Array.IndexOf(sizes, 0))
        {
            var farthest = -1;
            for (var i = 0; i < own.Length; i++)
                if (sizes[own[i]] > 1 && (farthest < 0 || distances[i] > distances[farthest])) farthest = i;
            sizes[own[farthest]]--;
            (own[farthest], distances[farthest], sizes[empty]) = (empty, 0, 1);
        }
    }

    private static double[][] Means(IReadOnlyList<double[]> rows, int[] own, int groups)
    {
        var (means, sizes) = (new double[groups][], new int[groups]);
        for (var c = 0; c < groups; c++) means[c] = new double[rows[0].Length];
        for (var i = 0; i < rows.Count; i++)
        {
            sizes[own[i]]++;
            for (var j = 0; j < rows[i].Length; j++) means[own[i]][j] += rows[i][j];
        }
        for (var c = 0; c < groups; c++)
            for (var j = 0; j < means[c].Length; j++) means[c][j] /= sizes[c];
        return means;
    }
}
