using Refilled.Cli.Bench;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data.Decoding;

public class ScaledDecodeTests
{
    // Pictures with grain, whose finest detail is what scaling could spoil.
    [Theory]
    [InlineData(500, 375, 64)]
    [InlineData(520, 520, 64)]
    [InlineData(600, 512, 32)]
    [InlineData(600, 400, 84)]
    public void A_scaled_image_looks_like_the_whole_one(int width, int height, int size)
    {
        var (memory, framing) = (new DecoderMemory(), Framing.For(size));
        foreach (var file in MadeUpJpegs.Make(4, width, height))
        {
            var scaled = ImageDecoder.Decode(file, framing, memory);
            var (pixels, shape, original) = (scaled.Pixels.ToArray(), scaled.Shape, scaled.Original);
            var whole = ImageDecoder.DecodeUnscaled(file, framing, memory);
            Assert.Equal((whole.Shape, whole.Original), (shape, original));
            var errors = whole.Pixels.ToArray().Zip(pixels, (a, b) => Math.Abs(a - b)).ToList();
            Assert.NotEqual(0, errors.Max()); // it was scaled
            Assert.InRange(errors.Average(), 0, 4.0); // of 255, most of it grain
        }
    }

    [Theory]
    [InlineData(126, 200, 64)]
    [InlineData(200, 126, 64)]
    [InlineData(510, 510, 224)]
    [InlineData(64, 64, 64)]
    public void Nothing_is_decoded_below_what_is_kept(int width, int height, int size)
    {
        var file = Jpeg(width, height);
        var whole = ImageDecoder.DecodeUnscaled(file, Framing.For(size), new DecoderMemory()).Pixels.ToArray();
        Assert.Equal(whole, ImageDecoder.Decode(file, Framing.For(size)).Pixels);
    }

    [Theory]
    [InlineData("oriented-1.jpg")]
    [InlineData("oriented-2.jpg")]
    [InlineData("oriented-3.jpg")]
    [InlineData("oriented-4.jpg")]
    [InlineData("oriented-5.jpg")]
    [InlineData("oriented-6.jpg")]
    [InlineData("oriented-7.jpg")]
    [InlineData("oriented-8.jpg")]
    public void Scaled_images_are_upright(string name)
    {
        var (pixels, shape, original) = ImageDecoder.Decode(File.ReadAllBytes(
            Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images", name)), new Framing(8, 8, true));
        Assert.Equal((new ImageShape(3, 8, 8), new ImageShape(3, 16, 24)), (shape, original));
        // Red and green above blue and white; the middle square is half of each.
        foreach (var (x, y, colour) in new[] { (1, 1, (255, 0, 0)), (6, 1, (0, 255, 0)), (1, 6, (0, 0, 255)), (6, 6, (255, 255, 255)) })
        {
            var at = y * 8 + x;
            Assert.Equal(colour.Item1, pixels[at], tolerance: 12.0);
            Assert.Equal(colour.Item2, pixels[64 + at], tolerance: 12.0);
            Assert.Equal(colour.Item3, pixels[128 + at], tolerance: 12.0);
        }
    }

    [Fact]
    public void What_was_decoded_before_leaves_no_trace()
    {
        var (framing, memory) = (Framing.For(84), new DecoderMemory());
        foreach (var file in new[] { Jpeg(900, 700), Jpeg(90, 95), Jpeg(300, 120), MadeUpFiles.Picture(3), Jpeg(90, 95) })
            Assert.Equal(ImageDecoder.Decode(file, framing).Pixels, ImageDecoder.Decode(file, framing, memory).Pixels.ToArray());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(16, 16)]
    [InlineData(7, 37)]
    public void The_quick_way_to_planes_is_the_careful_one(int height, int width)
    {
        var stored = new byte[4 * height * width];
        new Random(1).NextBytes(stored);
        for (var i = 3; i < stored.Length; i += 4) stored[i] = 255;
        var (quick, careful) = (new byte[3 * height * width], new byte[3 * height * width]);
        Upright.Write(stored, height, width, SKEncodedOrigin.TopLeft, opaque: true, quick);
        Upright.Write(stored, height, width, SKEncodedOrigin.TopLeft, opaque: false, careful);
        Assert.Equal(careful, quick);
    }

    private static byte[] Jpeg(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) bitmap.SetPixel(x, y, new SKColor((byte)(x * 5), (byte)(y * 3), (byte)(x + y)));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }
}
