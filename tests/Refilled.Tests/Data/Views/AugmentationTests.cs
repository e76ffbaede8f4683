using System.Security.Cryptography;
using CsCheck;
using Refilled.Data;
using Refilled.Data.Views;

namespace Refilled.Tests.Data.Views;

public class AugmentationTests
{
    private static readonly ImageShape Shape = new(3, 32, 32);

    [Fact]
    public void Without_a_change_the_policy_is_the_stores_own()
    {
        var usual = new PaddedCrop();
        Assert.Same(usual, new Augmentation().Over(usual));
        Assert.Same(usual, new Augmentation { Mirror = MirrorKind.Horizontal, Rotation = 0 }.Over(usual));
        Assert.NotSame(usual, new Augmentation { Mirror = MirrorKind.None }.Over(usual));
    }

    [Fact]
    public void The_evaluation_view_never_varies()
    {
        var all = new Augmentation { Preset = AugmentationPreset.Letters, Colour = 1, Greyscale = 1, Blur = 1, Erasing = 1 };
        Assert.Equal(Image(), Drawn(all, View.Evaluation));
    }

    [Fact]
    public void None_leaves_every_view_as_the_image_is()
    {
        for (var number = 0; number < 20; number++)
            Assert.Equal(Image(), Drawn(new Augmentation { Preset = AugmentationPreset.None }, number));
    }

    [Fact]
    public void The_usual_crop_without_mirrors_is_the_padded_crop_without_flips()
    {
        var expected = new byte[Shape.Bytes];
        new PaddedCrop { Flip = false }.Apply(Image(), Shape, expected, Shape, new View(1, 2, 3));
        Assert.Equal(expected, Drawn(new Augmentation { Mirror = MirrorKind.None }, 3));
    }

    [Fact]
    public void Letters_are_never_mirrored_and_their_paper_stays_white()
    {
        // A stroke at the left half of white paper: mirrored, its ink would lie in the right half.
        var image = Enumerable.Repeat((byte)255, Shape.Bytes).ToArray();
        for (var c = 0; c < 3; c++)
            for (var y = 12; y < 20; y++)
                for (var x = 6; x < 9; x++) image[(c * 32 + y) * 32 + x] = 0;
        for (var number = 0; number < 100; number++)
        {
            var view = Drawn(new Augmentation { Preset = AugmentationPreset.Letters }, number, image);
            var ink = Enumerable.Range(0, 32 * 32).Where(at => view[at] < 128).ToList();
            Assert.NotEmpty(ink);
            Assert.True(ink.Average(at => at % 32) < 16);
            Assert.InRange(ink.Count, 12, 40); // 24, a tenth larger or smaller each way, and rounding
        }
    }

    [Fact]
    public void A_turn_is_what_sampling_by_the_formula_gives()
    {
        var policy = new Augmentation { Preset = AugmentationPreset.None, Rotation = 90, Scale = 0.3 }.Over(new PaddedCrop());
        var image = Smooth();
        Gen.Int[0, 10_000].Sample(number =>
        {
            var drawn = new byte[Shape.Bytes];
            policy.Apply(image, Shape, drawn, Shape, new View(1, 2, number));
            var random = new SeededRandom(1, SeedStream.Augmentation, 2, number);
            var (angle, zoom) = (random.Between(-1, 1) * Math.PI / 2, 1 / (1 + random.Between(-1, 1) * 0.3));
            for (var y = 0; y < 32; y++)
                for (var x = 0; x < 32; x++)
                {
                    var (dx, dy) = ((x - 15.5) * zoom, (y - 15.5) * zoom);
                    var u = Math.Clamp(Math.Cos(angle) * dx - Math.Sin(angle) * dy + 15.5, 0, 31);
                    var v = Math.Clamp(Math.Sin(angle) * dx + Math.Cos(angle) * dy + 15.5, 0, 31);
                    Assert.Equal(4 * u + 3 * v, drawn[y * 32 + x], 1.1); // bytes: the image and the view are each rounded
                }
        }, iter: 20);
    }

    [Fact]
    public void Both_mirrors_give_four_images_of_one()
    {
        var image = Image();
        var views = Enumerable.Range(0, 60)
            .Select(number => Convert.ToHexString(Drawn(new Augmentation { Crop = CropKind.None, Mirror = MirrorKind.Both }, number)))
            .Distinct().ToList();
        Assert.Equal(4, views.Count);
        Assert.Contains(Convert.ToHexString(image), views);
        // Turned by half: every plane backwards.
        Assert.Contains(Convert.ToHexString([.. image.Chunk(32 * 32).SelectMany(plane => plane.Reverse())]), views);
    }

    [Fact]
    public void Greyscale_leaves_no_colour_and_keeps_the_grey()
    {
        var image = Image();
        var view = Drawn(new Augmentation { Preset = AugmentationPreset.None, Greyscale = 1 }, 0);
        for (var at = 0; at < 32 * 32; at++)
        {
            Assert.Equal((image[at] + image[1024 + at] + image[2048 + at]) / 3.0, view[at], 1.0);
            Assert.Equal((view[at], view[at]), (view[1024 + at], view[2048 + at]));
        }
    }

    [Fact]
    public void Colours_vary_within_the_factor()
    {
        var flat = Enumerable.Repeat((byte)100, Shape.Bytes).ToArray();
        var values = Enumerable.Range(0, 200)
            .Select(number => (int)Drawn(new Augmentation { Preset = AugmentationPreset.None, Colour = 0.3 }, number, flat)[0]).ToList();
        Assert.InRange(values.Min(), 70, 75);
        Assert.InRange(values.Max(), 125, 130);
    }

    [Fact]
    public void Blur_keeps_the_mean_and_lessens_differences()
    {
        var image = Image();
        var view = Drawn(new Augmentation { Preset = AugmentationPreset.None, Blur = 1 }, 0);
        Assert.Equal(image.Average(value => (double)value), view.Average(value => (double)value), 2.0);
        static double Rough(byte[] pixels) =>
            Enumerable.Range(0, 1023).Where(at => at % 32 != 31).Average(at => Math.Abs(pixels[at] - pixels[at + 1]));
        Assert.True(Rough(view) < 0.5 * Rough(image));
    }

    [Fact]
    public void Erasing_paints_one_rectangle_with_the_mean()
    {
        var image = Image();
        for (var number = 0; number < 20; number++)
        {
            var view = Drawn(new Augmentation { Preset = AugmentationPreset.None, Erasing = 1 }, number);
            var painted = Enumerable.Range(0, 1024).Where(at => view[at] != image[at]).ToList();
            var height = painted.Max(at => at / 32) - painted.Min(at => at / 32) + 1;
            var width = painted.Max(at => at % 32) - painted.Min(at => at % 32) + 1;
            Assert.InRange(height * width, 10, 206); // 2 to 20 % of 1024, sides cut to whole pixels
            Assert.Single(painted.Select(at => view[at]).Distinct());
        }
    }

    [Fact]
    public void An_option_leaves_the_other_draws_as_they_are()
    {
        var letters = new Augmentation { Preset = AugmentationPreset.Letters };
        var (plain, erased) = (Drawn(letters, 5), Drawn(letters with { Erasing = 1 }, 5));
        Assert.InRange(plain.Zip(erased).Count(pair => pair.First != pair.Second), 1, 3 * 206);
    }

    [Fact]
    public void The_bytes_are_pinned()
    {
        var all = new Augmentation
            { Preset = AugmentationPreset.Letters, Colour = 0.5, Greyscale = 0.5, Blur = 0.5, Erasing = 0.5, Rotation = 180 };
        var bytes = Enumerable.Range(0, 50).SelectMany(number => Drawn(all, number)).ToArray();
        Assert.Equal("69cba2042937ee0c", Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public void What_can_not_be_is_named() => Assert.Equal(["rotation", "scale", "colour", "greyscale", "blur", "erasing"],
        new Augmentation { Rotation = 181, Scale = 0.6, Colour = -1, Greyscale = 2, Blur = double.NaN, Erasing = 1.1 }
            .Validate().Select(problem => problem.Path));

    private static byte[] Drawn(Augmentation augmentation, int number, byte[]? image = null)
    {
        var drawn = new byte[Shape.Bytes];
        augmentation.Over(new PaddedCrop()).Apply(image ?? Image(), Shape, drawn, Shape, new View(1, 2, number));
        return drawn;
    }

    private static byte[] Image() => [.. Enumerable.Range(0, Shape.Bytes).Select(i => (byte)SeedMix.Bits(5, SeedStream.View, i))];

    /// <summary>4x + 3y at (x, y), which bilinear sampling gives back.</summary>
    private static byte[] Smooth() => [.. Enumerable.Range(0, Shape.Bytes).Select(i => (byte)(4 * (i % 32) + 3 * (i / 32 % 32)))];
}
