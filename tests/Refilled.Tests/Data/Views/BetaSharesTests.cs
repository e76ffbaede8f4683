using Refilled.Data.Views;

namespace Refilled.Tests.Data.Views;

public class BetaSharesTests
{
    public static TheoryData<double> Alphas() => [0.05, 0.2, 0.5, 1, 2, 3.7, BetaShares.MostAlpha];

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_distribution_is_the_closed_form_where_there_is_one(double alpha)
    {
        var shares = new BetaShares(alpha);
        for (var steps = 0; steps < 256; steps++)
        {
            var x = (steps + 0.5) / 256;
            var expected = alpha switch
            {
                0.5 => 2 / Math.PI * Math.Asin(Math.Sqrt(x)),
                1 => x,
                _ => x * x * (3 - 2 * x),
            };
            Assert.Equal(expected, shares.UpTo(steps), 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Alphas))]
    public void Mean_and_variance_are_those_of_beta(double alpha)
    {
        var shares = new BetaShares(alpha);
        var (mean, square) = (0.0, 0.0);
        for (var steps = 0; steps <= 256; steps++)
        {
            var probability = shares.UpTo(steps) - (steps == 0 ? 0 : shares.UpTo(steps - 1));
            Assert.InRange(probability, 0, 1);
            mean += probability * steps / 256;
            square += probability * steps * steps / 65536;
        }
        Assert.Equal(0.5, mean, 1e-12);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), square - mean * mean, 2e-4); // in whole steps
    }

    [Theory]
    [MemberData(nameof(Alphas))]
    public void A_uniform_number_gives_the_first_share_whose_probability_is_beyond_it(double alpha)
    {
        var shares = new BetaShares(alpha);
        for (var i = 0; i < 1000; i++)
        {
            var (uniform, expected) = (i / 1000.0, 0);
            while (shares.UpTo(expected) <= uniform) expected++;
            Assert.Equal(expected, shares.At(uniform));
        }
        // Of steep ones the last share is rarer than a double tells.
        if (alpha <= 1) Assert.Equal(256, shares.At(1 - 1e-16));
    }

    [Fact]
    public void An_alpha_that_can_not_be_is_refused()
    {
        foreach (var alpha in new[] { 0, -1, 10.5, double.NaN }) Assert.Throws<ArgumentOutOfRangeException>(() => new BetaShares(alpha));
    }
}
