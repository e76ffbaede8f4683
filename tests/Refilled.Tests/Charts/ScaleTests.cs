using CsCheck;
using Refilled.Charts;

namespace Refilled.Tests.Charts;

public class ScaleTests
{
    [Fact]
    public void Steps_are_round_and_reach_around_the_numbers() =>
        Gen.Double[-1e4, 1e4].Select(Gen.Double[1e-6, 1e4]).Sample((low, extent) =>
    {
        var scale = Scale.Around([low, low + extent], 0, 100);
        Assert.InRange(scale.Ticks.Count, 2, 9);
        Assert.True(scale.Low <= low + 1e-9 * extent && scale.High >= low + extent - 1e-6 * extent);
        Assert.Equal(0, scale.At(scale.Low), 1e-9);
        Assert.Equal(100, scale.At(scale.High), 1e-9);
    }, iter: 200);

    [Fact]
    public void Known_scales()
    {
        Assert.Equal([0.4, 0.5, 0.6, 0.7, 0.8], Scale.Around([0.41, 0.77], 0, 1).Ticks);
        Assert.Equal([0.0, 10, 20, 30], Scale.Around([0, 30], 0, 1).Ticks);
        Assert.Equal([0.1, 0.2, 0.5, 1, 2], Scale.Ratios([0.13, 1.4], 0, 1).Ticks, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.5, Scale.Ratios([1, 100], 0, 1).At(10), 1e-12);
    }

    [Fact]
    public void Equal_numbers_have_a_scale()
    {
        var scale = Scale.Around([3, 3], 0, 10);
        Assert.Equal(5, scale.At(3), 1e-9);
        var ratios = Scale.Ratios([2, 2], 0, 10);
        Assert.True(ratios.Low <= 2 && ratios.High > 2);
    }
}
