using Refilled.Evaluation.Clustering;

namespace Refilled.Tests.Evaluation.Clustering;

public class PrincipalComponentsTests
{
    [Fact]
    public void Along_a_line_there_is_one_component()
    {
        // Points (t, 2t) around (1, 3): the axis is (1, 2)/√5, and the larger coefficient is positive.
        double[][] rows = [[0, 1], [1, 3], [2, 5]];
        var found = PrincipalComponents.Of(rows, 2);
        Assert.Equal(1 / Math.Sqrt(5), found.Axes[0][0], 1e-12);
        Assert.Equal(2 / Math.Sqrt(5), found.Axes[0][1], 1e-12);
        Assert.Equal(10.0 / 3, found.Variances[0], 1e-12);
        Assert.Equal(0, found.Variances[1], 1e-12);
        Assert.Equal(1, found.Explained[0], 1e-12);
        Assert.Equal([-Math.Sqrt(5), 0, Math.Sqrt(5)],
            found.Places.Select(place => Math.Round(place[0], 12)), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void The_sign_is_that_of_the_largest_coefficient_also_of_mirrored_rows()
    {
        var rows = KMeansTests.Random(40, 5, 6);
        var found = PrincipalComponents.Of(rows, 3);
        var mirrored = PrincipalComponents.Of([.. rows.Select(row => row.Select(x => -x).ToArray())], 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(found.Axes[i].MaxBy(Math.Abs) > 0);
            for (var j = 0; j < 6; j++) Assert.Equal(found.Axes[i][j], mirrored.Axes[i][j], 1e-9);
        }
    }

    [Fact]
    public void Axes_are_eigenvectors_of_the_covariance_in_falling_order()
    {
        var rows = KMeansTests.Random(50, 7, 4);
        var found = PrincipalComponents.Of(rows, 4);
        var mean = Enumerable.Range(0, 4).Select(j => rows.Average(row => row[j])).ToArray();
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                var product = Enumerable.Range(0, 4).Sum(
                    l => found.Axes[i][l] * rows.Average(row => (row[j] - mean[j]) * (row[l] - mean[l])));
                Assert.Equal(found.Variances[i] * found.Axes[i][j], product, 1e-10);
            }
            Assert.Equal(1, found.Axes[i].Sum(x => x * x), 1e-10);
            if (i > 0) Assert.True(found.Variances[i] <= found.Variances[i - 1]);
            Assert.Equal(found.Variances[i], found.Places.Average(place => place[i] * place[i]), 1e-10);
        }
        Assert.Equal(1, found.Explained.Sum(), 1e-10);
    }

    [Fact]
    public void Equal_rows_have_no_extent_and_bad_ones_are_refused()
    {
        var found = PrincipalComponents.Of([[1, 2], [1, 2]], 2);
        Assert.All(found.Variances.Concat(found.Explained), number => Assert.Equal(0, number, 1e-12));
        Assert.Throws<ArgumentException>(() => PrincipalComponents.Of([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PrincipalComponents.Of([[1.0, 2]], 3));
        Assert.Contains("NaN or infinite",
            Assert.Throws<ArgumentException>(() => PrincipalComponents.Of([[1, double.PositiveInfinity]], 1)).Message,
            StringComparison.Ordinal);
    }
}
