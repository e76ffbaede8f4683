using CsCheck;
using Refilled.Data;
using Refilled.Data.Views;

namespace Refilled.Tests.Data.Views;

public class PaddedCropTests
{
    [Fact]
    public void A_view_is_a_padded_crop_as_loops_would_make_it() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[0, 5], Gen.Int[0, 100_000], Gen.Int[0, 50])
            .Sample((height, width, padding, id, number) =>
        {
            var policy = new PaddedCrop(padding);
            var view = new View(7, id, number);
            var source = Enumerable.Range(1, 3 * height * width).Select(i => (byte)i).ToArray();
            var drawn = new byte[source.Length];
            Array.Fill(drawn, (byte)255);
            policy.Apply(source, new ImageShape(3, height, width), drawn, new ImageShape(3, height, width), view);

            var (dx, dy, mirrored) = policy.Draw(view);
            Assert.InRange(dx, -padding, padding);
            Assert.InRange(dy, -padding, padding);
            for (var c = 0; c < 3; c++)
                for (var y = 0; y < height; y++)
                    for (var x = 0; x < width; x++)
                    {
                        var (sy, sx) = (y + dy, (mirrored ? width - 1 - x : x) + dx);
                        var expected = sy >= 0 && sy < height && sx >= 0 && sx < width ? source[(c * height + sy) * width + sx] : 0;
                        Assert.Equal(expected, drawn[(c * height + y) * width + x]);
                    }
        }, iter: 500);

    [Fact]
    public void Offsets_and_flips_are_evenly_spread()
    {
        var policy = new PaddedCrop();
        var draws = Enumerable.Range(0, 9000).Select(i => policy.Draw(new View(1, i / 8, i % 8))).ToList();
        foreach (var count in Enumerable.Range(-4, 9)
            .SelectMany(offset => new[] { draws.Count(d => d.Dx == offset), draws.Count(d => d.Dy == offset) }))
            Assert.InRange(count, 850, 1150); // 1000 expected, standard deviation 30
        Assert.InRange(draws.Count(d => d.Mirrored), 4250, 4750); // 4500 expected, standard deviation 47
        Assert.InRange(draws.Distinct().Count(), 150, 162);
    }

    [Fact]
    public void The_evaluation_view_changes_nothing()
    {
        byte[] source = [1, 2, 3, 4], drawn = new byte[4];
        new PaddedCrop().Apply(source, new ImageShape(1, 2, 2), drawn, new ImageShape(1, 2, 2), new View(3, 4, View.Evaluation));
        Assert.Equal(source, drawn);
    }

    [Fact]
    public void Without_padding_and_flip_every_view_is_the_image()
    {
        byte[] source = [1, 2, 3, 4, 5, 6], drawn = new byte[6];
        for (var number = 0; number < 20; number++)
        {
            new PaddedCrop(0) { Flip = false }.Apply(source, new ImageShape(1, 2, 3), drawn,
                new ImageShape(1, 2, 3), new View(3, 4, number));
            Assert.Equal(source, drawn);
        }
    }

    [Fact]
    public void Every_part_of_the_triple_matters()
    {
        var policy = new PaddedCrop(100);
        var views = Enumerable.Range(0, 5).Select(i => policy.Draw(new View(i, 9, 9)))
            .Concat(Enumerable.Range(0, 5).Select(i => policy.Draw(new View(9, i, 9))))
            .Concat(Enumerable.Range(0, 5).Select(i => policy.Draw(new View(9, 9, i))));
        Assert.Equal(15, views.Distinct().Count());
    }

    // Cached teachers and resumed runs hang on these numbers.
    [Fact]
    public void The_views_of_seed_0_are_what_they_were() =>
        Assert.Equal("(-3, -2, False) (4, 0, False) (2, -1, True)",
            string.Join(' ', Enumerable.Range(0, 3).Select(i => new PaddedCrop().Draw(new View(0, i, 1)))));

    [Fact]
    public void Negative_padding_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PaddedCrop(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PaddedCrop() with { Padding = -1 });
    }
}
