using CsCheck;
using Refilled.Data;
using Refilled.Data.Views;

namespace Refilled.Tests.Data.Views;

public class ResamplerTests
{
    // Every way of adding up must give the bytes of the definition; lengths here meet all of them, and their edges.
    [Fact]
    public void Fast_sums_are_the_plain_ones() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 80], Gen.Int[1, 60], Gen.Int).Sample((from, to, width, seed) =>
        {
            var taps = new Taps(from, to);
            var source = new byte[from * width];
            new Random(seed).NextBytes(source);
            var (fast, plain) = (new byte[to], new byte[to]);
            taps.Across.Apply(source.AsSpan(0, from), fast);
            AcrossTaps.Plain(taps, source.AsSpan(0, from), plain);
            Assert.Equal(plain, fast);

            (fast, plain) = (new byte[width], new byte[width]);
            for (var y = 0; y < to; y++)
            {
                DownTaps.Apply(taps, source, fast, y);
                DownTaps.Plain(taps, source, plain, y);
                Assert.Equal(plain, fast);
            }
        }, iter: 3000);

    [Fact]
    public void The_brightest_image_stays_as_it_is() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 100]).Sample((from, to) =>
        {
            var (bright, target) = (Enumerable.Repeat((byte)255, from * from).ToArray(), new byte[to * to]);
            new Resampler().Resize(bright, new ImageShape(1, from, from), new Box(0, 0, from, from), target, new ImageShape(1, to, to));
            Assert.All(target, value => Assert.Equal(255, value));
        }, iter: 200);

    [Fact]
    public void Weights_sum_to_one_and_lie_within_the_source() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Int[1, 300]).Sample((from, to) =>
        {
            var taps = new Taps(from, to);
            for (var i = 0; i < to; i++)
            {
                Assert.Equal(Taps.One, taps.WeightsOf(i).ToArray().Sum(weight => weight));
                Assert.InRange(taps.First(i), i == 0 ? 0 : taps.First(i - 1), from - taps.WeightsOf(i).Length);
            }
        }, iter: 300);

    [Fact]
    public void Rows_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Taps(20, 10).Across.Apply(new byte[19], new byte[10]));
        Assert.Throws<ArgumentException>(() => DownTaps.Apply(new Taps(20, 10), new byte[399], new byte[20], 0));
    }

    [Fact]
    public void Policies_are_equal_whatever_they_have_drawn()
    {
        var (one, other) = (new ResizedCrop(), new ResizedCrop());
        one.Apply(new byte[64], new ImageShape(1, 8, 8), new byte[16], new ImageShape(1, 4, 4), new View(0, 0, 0));
        Assert.Equal((one, one.GetHashCode()), (other, other.GetHashCode()));
        Assert.NotEqual(one, new ResizedCrop { LeastArea = 0.5 });
    }
}
