using Refilled.Evaluation.Clustering;

namespace Refilled.Tests.Evaluation.Clustering;

public class NeighbourMapTests
{
    [Theory]
    [InlineData(1.5)]
    [InlineData(5)]
    [InlineData(20)]
    public void Each_row_s_neighbours_have_the_perplexity_that_was_asked_for(double perplexity)
    {
        var rows = KMeansTests.Random(40, 2, 5);
        for (var i = 0; i < rows.Length; i++)
        {
            var part = NeighbourMap.Around(i, [.. rows.Select(row => row.Zip(rows[i], (a, b) => (a - b) * (a - b)).Sum())], perplexity);
            Assert.Equal(0, part[i]);
            Assert.Equal(1, part.Sum(), 1e-12);
            Assert.Equal(perplexity, Math.Exp(-part.Where(p => p > 0).Sum(p => p * Math.Log(p))), 1e-5 * perplexity);
        }
    }

    [Fact]
    public void Similarities_are_symmetric_and_sum_to_one()
    {
        var similar = NeighbourMap.Similarities(KMeansTests.Random(30, 3, 4), 7);
        Assert.Equal(1, similar.Sum(row => row.Sum()), 1e-12);
        for (var i = 0; i < 30; i++)
            for (var j = 0; j < 30; j++) Assert.Equal(similar[i][j], similar[j][i]);
    }

    [Fact]
    public void The_gradient_is_that_of_the_divergence()
    {
        var similar = NeighbourMap.Similarities(KMeansTests.Random(12, 4, 4), 3);
        var places = KMeansTests.Random(12, 9, 2);
        var gradient = NeighbourMap.Slope(similar, places, 1, NeighbourMap.Triangle(12));
        for (var i = 0; i < 12; i++)
            for (var j = 0; j < 2; j++)
            {
                double At(double step) => Naive(similar, [.. places.Select((place, at) =>
                    at == i ? [.. place.Select((x, k) => k == j ? x + step : x)] : place)]);
                Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, gradient[i][j], 1e-7);
            }
        Assert.Equal(Naive(similar, places), NeighbourMap.DivergenceOf(similar, places, NeighbourMap.Triangle(12)), 1e-12);
    }

    [Fact]
    public void Heaps_that_lie_apart_stay_apart()
    {
        double[][] rows = [.. KMeansTests.Random(45, 6, 5)
            .Select((row, i) => row.Select((x, j) => 0.3 * x + (j == i % 3 ? 8 : 0)).ToArray())];
        var map = NeighbourMap.Of(rows, 8);
        for (var i = 0; i < rows.Length; i++)
        {
            var nearest = Enumerable.Range(0, rows.Length).Where(j => j != i)
                .MinBy(j => map.Places[i].Zip(map.Places[j], (a, b) => (a - b) * (a - b)).Sum());
            Assert.Equal(i % 3, nearest % 3);
        }
        Assert.InRange(map.Divergence, 0, 1);
        Assert.Equal(map.Places, NeighbourMap.Of(rows, 8).Places);
    }

    [Fact]
    public void Equal_rows_make_a_map_without_a_number_that_is_none()
    {
        double[][] rows = [.. Enumerable.Range(0, 12).Select(i => new double[] { i < 8 ? 1 : i, 0 })];
        Assert.All(NeighbourMap.Of(rows, 3).Places, place => Assert.All(place, x => Assert.True(double.IsFinite(x))));
        double[][] same = [.. Enumerable.Range(0, 6).Select(_ => new double[] { 1, 2 })];
        Assert.All(NeighbourMap.Of(same, 2).Places, place => Assert.Equal([0, 0], place));
    }

    [Fact]
    public void Too_few_or_too_many_rows_and_numbers_that_are_none_are_refused()
    {
        Assert.Contains("from 1 to less than 4 for 5 rows",
            Assert.Throws<ArgumentException>(() => NeighbourMap.Of(KMeansTests.Random(5, 0), 4)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 3000",
            Assert.Throws<ArgumentException>(() => NeighbourMap.Of(new double[3001][], 4)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN or infinite", Assert.Throws<ArgumentException>(() =>
            NeighbourMap.Of([[1, 2], [double.NaN, 1], [0, 0], [1, 1]], 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>KL(P ‖ Q) as it is defined.</summary>
    private static double Naive(double[][] similar, double[][] places)
    {
        double Kernel(int i, int j) => 1 / (1 + places[i].Zip(places[j], (a, b) => (a - b) * (a - b)).Sum());
        var pairs = (from i in Enumerable.Range(0, places.Length)
                     from j in Enumerable.Range(0, places.Length)
                     where i != j
                     select (i, j)).ToList();
        var sum = pairs.Sum(pair => Kernel(pair.i, pair.j));
        return pairs.Sum(pair => similar[pair.i][pair.j] * Math.Log(similar[pair.i][pair.j] / (Kernel(pair.i, pair.j) / sum)));
    }
}
