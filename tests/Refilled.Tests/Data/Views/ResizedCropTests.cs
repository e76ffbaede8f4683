using CsCheck;
using Refilled.Data;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.Tests.Data.Views;

public class ResizedCropTests
{
    [Fact]
    public void Boxes_lie_within_the_image_and_have_the_areas_and_ratios_that_were_asked_for()
    {
        var policy = new ResizedCrop();
        var boxes = Enumerable.Range(0, 4000).Select(i => policy.Draw(new View(1, i, 0), 300, 400)).ToList();
        foreach (var ((top, left, height, width), _) in boxes)
        {
            Assert.True(top >= 0 && left >= 0 && top + height <= 300 && left + width <= 400);
            Assert.InRange(height * width / 120_000.0, 0.078, 1.0);
            Assert.InRange((double)width / height, 0.74, 1.35);
        }
        // Log-uniform: half of the ratios lie below 1.
        Assert.InRange(Enumerable.Range(0, 4000).Select(i => policy.Draw(new View(1, i, 1), 400, 400).Box)
            .Count(box => box.Width < box.Height), 1850, 2150);
        Assert.InRange(boxes.Count(b => b.Mirrored), 1870, 2130);
        // A little below the middle of 0.08 and 1, because large boxes fit less often.
        Assert.InRange(boxes.Average(b => b.Box.Height * b.Box.Width / 120_000.0), 0.40, 0.52);
    }

    [Fact]
    public void An_image_that_no_box_fits_gives_its_middle()
    {
        var ((top, left, height, width), _) = new ResizedCrop { LeastArea = 1 }.Draw(new View(1, 2, 3), 100, 1000);
        Assert.Equal((0, 433, 100, 133), (top, left, height, width));
    }

    [Fact]
    public void The_evaluation_view_is_the_middle_as_it_is()
    {
        var source = Enumerable.Range(0, 5 * 7).Select(i => (byte)i).ToArray();
        var drawn = new byte[9];
        new ResizedCrop().Apply(source, new ImageShape(1, 5, 7), drawn, new ImageShape(1, 3, 3), new View(0, 0, View.Evaluation));
        Assert.Equal([9, 10, 11, 16, 17, 18, 23, 24, 25], drawn);
    }

    [Fact]
    public void A_view_is_a_function_of_its_triple_and_mirrors_half()
    {
        var source = Enumerable.Range(0, 3 * 20 * 30).Select(i => (byte)(i * 7)).ToArray();
        string Draw(View view, bool flip = true)
        {
            var drawn = new byte[3 * 16 * 16];
            new ResizedCrop { Flip = flip }.Apply(source, new ImageShape(3, 20, 30), drawn, new ImageShape(3, 16, 16), view);
            return Convert.ToHexString(drawn);
        }
        Assert.Equal(Draw(new View(1, 2, 3)), Draw(new View(1, 2, 3)));
        Assert.Equal(4, new[] { new View(1, 2, 3), new View(9, 2, 3), new View(1, 9, 3), new View(1, 2, 9) }.Select(view => Draw(view))
            .Distinct().Count());
        Assert.InRange(Enumerable.Range(0, 200).Count(i => Draw(new View(1, i, 0)) != Draw(new View(1, i, 0), flip: false)), 70, 130);
    }

    [Fact]
    public void An_image_smaller_than_the_view_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ResizedCrop()
            .Apply(new byte[4], new ImageShape(1, 2, 2), new byte[9], new ImageShape(1, 3, 3), new View(0, 0, 0)));

    // The engine's own antialiased bilinear resizing is the reference; but to a width of 1 it gives the first row alone.
    [Fact]
    public void Resizing_is_the_engines_antialiased_bilinear() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[2, 40], Gen.Int[2, 40], Gen.Int)
            .Sample((fromHeight, fromWidth, toHeight, toWidth, seed) =>
        {
            using var scope = NewDisposeScope();
            var (from, to) = (new ImageShape(2, fromHeight, fromWidth), new ImageShape(2, toHeight, toWidth));
            var source = new byte[from.Bytes];
            new Random(seed).NextBytes(source);
            var resized = new byte[to.Bytes];
            new Resampler().Resize(source, from, new Box(0, 0, fromHeight, fromWidth), resized, to);
            var expected = nn.functional.interpolate(tensor(source).to(ScalarType.Float32).view(1, 2, fromHeight, fromWidth),
                size: [toHeight, toWidth], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
            var difference = (tensor(resized).to(ScalarType.Float32).view(1, 2, toHeight, toWidth) - expected).abs().max().item<float>();
            Assert.InRange(difference, 0, 1.6f); // Two roundings to bytes.
        }, iter: 200);

    [Fact]
    public void A_box_is_resized_as_if_it_were_cut_out_first()
    {
        var source = Enumerable.Range(0, 10 * 12).Select(i => (byte)(i * i)).ToArray();
        var (whole, cut) = (new byte[49], new byte[49]);
        new Resampler().Resize(source, new ImageShape(1, 10, 12), new Box(2, 3, 6, 5), whole, new ImageShape(1, 7, 7));
        var box = Enumerable.Range(2, 6).SelectMany(y => source[(y * 12 + 3)..(y * 12 + 8)]).ToArray();
        new Resampler().Resize(box, new ImageShape(1, 6, 5), new Box(0, 0, 6, 5), cut, new ImageShape(1, 7, 7));
        Assert.Equal(cut, whole);
    }

    [Theory]
    [InlineData(32, 32, typeof(PaddedCrop))]
    [InlineData(64, 64, typeof(PaddedCrop))]
    [InlineData(84, 92, typeof(ResizedCrop))]
    [InlineData(224, 256, typeof(ResizedCrop))]
    public void Each_size_has_its_usual_framing(int size, int shortSide, Type policy)
    {
        var framing = Framing.For(size);
        Assert.Equal((size, shortSide, policy), (framing.Size, framing.ShortSide, framing.Views.GetType()));
        if (framing.Views is PaddedCrop padded) Assert.Equal(size / 8, padded.Padding);
        foreach (var (height, width) in new[] { (500, 333), (333, 500), (90, 90), (10, 3000) })
        {
            var (part, shape) = framing.Keep(height, width);
            Assert.Equal(shortSide, Math.Min(shape.Height, shape.Width));
            Assert.True(part.Top >= 0 && part.Left >= 0 && part.Top + part.Height <= height && part.Left + part.Width <= width);
            Assert.InRange((double)part.Width / part.Height / ((double)shape.Width / shape.Height), 0.99, 1.01);
            if (framing.Square) Assert.Equal(shape.Height, shape.Width);
        }
    }
}
