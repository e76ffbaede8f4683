namespace Refilled.Evaluation.Clustering;

/// <summary>How much two divisions of the same rows into groups say of each other.</summary>
internal static class MutualInformation
{
    /// <summary>The normalised mutual information, in [0, 1]: I(U; V) / ((H(U) + H(V)) / 2), the arithmetic average.</summary>
    /// <remarks>1 where the groups are the same under whatever names, 0 where they are independent, or where one of the two is a single
    /// group. (Two single groups are the same, but say nothing: 0.) It grows with the number of groups by chance alone: compare
    /// <see cref="ByChance"/>.</remarks>
    /// <param name="first">The group of each row.</param>
    /// <param name="second">The same of the other division.</param>
    /// <exception cref="ArgumentException">There are no rows, or the numbers of rows differ.</exception>
    public static double Normalised(IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        if (first.Count == 0 || first.Count != second.Count)
            throw new ArgumentException($"Divisions of {first.Count} and {second.Count} rows can't be compared.", nameof(second));
        double rows = first.Count;
        var (ofFirst, ofSecond) = (Sizes(first), Sizes(second));
        var both = first.Zip(second).CountBy(pair => pair).ToList();
        var shared = both.Sum(pair => pair.Value / rows
            * Math.Log(pair.Value * rows / ((double)ofFirst[pair.Key.First] * ofSecond[pair.Key.Second])));
        var mean = (Entropy(ofFirst.Values, rows) + Entropy(ofSecond.Values, rows)) / 2;
        return mean == 0 ? 0 : Math.Clamp(shared / mean, 0, 1);
    }

    /// <summary>What <see cref="Normalised"/> is, on average, where groups of the same sizes are drawn at random.</summary>
    /// <param name="first">The group of each row.</param>
    /// <param name="second">The division whose rows change places.</param>
    /// <param name="draws">How often they do, at least once.</param>
    /// <param name="seed">Decides how.</param>
    public static double ByChance(IReadOnlyList<int> first, IReadOnlyList<int> second, int draws, long seed) =>
        Enumerable.Range(0, draws).Average(draw => Normalised(first,
            [.. SeedMix.Permutation(second.Count, seed, SeedStream.Clusters, 1 + draw).Select(i => second[i])]));

    private static Dictionary<int, int> Sizes(IReadOnlyList<int> groups) => groups.CountBy(group => group).ToDictionary();

    private static double Entropy(IEnumerable<int> sizes, double rows) => -sizes.Sum(size => size / rows * Math.Log(size / rows));
}
