using CsCheck;
using Refilled.Evaluation.Clustering;

namespace Refilled.Tests.Evaluation.Clustering;

public class KMeansTests
{
    private static readonly double[][] ThreeHeaps =
        [.. Enumerable.Range(0, 30).Select(i => new[] { 10.0 * (i % 3) + 0.1 * (i % 7), i % 5 * 0.1, -10.0 * (i % 3) })];

    [Fact]
    public void Heaps_that_lie_apart_are_found_whatever_the_seed()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var groups = KMeans.Divide(ThreeHeaps, 3, seed);
            Assert.Equal(3, groups.Distinct().Count());
            for (var i = 0; i < groups.Length; i++) Assert.Equal(groups[i % 3], groups[i]);
        }
    }

    [Fact]
    public void The_seed_decides_the_division()
    {
        var rows = Random(60, 1);
        Assert.Equal(KMeans.Divide(rows, 7, 3), KMeans.Divide(rows, 7, 3));
        Assert.Contains(Enumerable.Range(0, 10), seed => !KMeans.Divide(rows, 7, seed).SequenceEqual(KMeans.Divide(rows, 7, 3)));
    }

    [Fact]
    public void In_the_end_no_row_is_nearer_to_another_mean() => Gen.Int[1, 9].Select(Gen.Int[0, 1000]).Sample((groups, seed) =>
    {
        var rows = Random(40, seed);
        var own = KMeans.Divide(rows, groups, seed);
        var means = Enumerable.Range(0, groups).Select(c => rows.Where((_, i) => own[i] == c).ToList())
            .Select(members => Enumerable.Range(0, 3).Select(j => members.Average(row => row[j])).ToArray()).ToList();
        for (var i = 0; i < rows.Length; i++)
            Assert.All(means, mean => Assert.True(Distance(rows[i], means[own[i]]) <= Distance(rows[i], mean) + 1e-12));
    }, iter: 50);

    [Fact]
    public void Rows_of_few_places_fill_all_groups()
    {
        // Two places and four groups: two centres have nobody near them.
        double[][] rows = [.. Enumerable.Range(0, 10).Select(i => new double[] { i % 2, 0 })];
        for (var seed = 0; seed < 10; seed++) Assert.Equal(4, KMeans.Divide(rows, 4, seed).Distinct().Count());
        Assert.Equal(10, KMeans.Divide(rows, 10, 0).Distinct().Count());
        Assert.All(KMeans.Divide(rows, 1, 0), group => Assert.Equal(0, group));
    }

    [Fact]
    public void Too_few_rows_and_numbers_that_are_none_are_refused()
    {
        Assert.Contains("2 rows can't be divided into 3 groups",
            Assert.Throws<ArgumentException>(() => KMeans.Divide([[1], [2]], 3, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN or infinite", Assert.Throws<ArgumentException>(() => KMeans.Divide([[1], [double.NaN]], 1, 0)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => KMeans.Divide([[1]], 0, 0));
    }

    [Fact]
    public void It_stops_when_it_is_told()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => KMeans.Divide(ThreeHeaps, 3, 0, stop.Token));
    }

    internal static double[][] Random(int rows, long seed, int size = 3)
    {
        var random = new SeededRandom(seed, SeedStream.Weights);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, size).Select(_ => random.Bell()).ToArray())];
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
}
