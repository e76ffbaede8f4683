using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data.Decoding;

/// <summary>The pictures in Images/ are of Pillow's making (make.py): quarters of red and green above blue and white.</summary>
public class ImageDecoderTests
{
    private static readonly (int, int, int)[] Upright = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)];

    [Theory]
    [InlineData("plain.png", 0)]
    [InlineData("plain.bmp", 0)]
    [InlineData("plain.webp", 0)]
    [InlineData("palette.png", 0)]
    [InlineData("animated.gif", 0)]
    [InlineData("cmyk.jpg", 6)]
    [InlineData("oriented-1.jpg", 6)]
    [InlineData("oriented-2.jpg", 6)]
    [InlineData("oriented-3.jpg", 6)]
    [InlineData("oriented-4.jpg", 6)]
    [InlineData("oriented-5.jpg", 6)]
    [InlineData("oriented-6.jpg", 6)]
    [InlineData("oriented-7.jpg", 6)]
    [InlineData("oriented-8.jpg", 6)]
    public void Every_format_and_orientation_gives_the_upright_picture(string name, int tolerance)
    {
        var (pixels, shape) = ImageDecoder.Decode(Image(name));
        Assert.Equal(new ImageShape(3, 16, 24), shape);
        AssertQuarters(Upright, pixels, shape, tolerance);
    }

    [Fact]
    public void Greyscale_has_three_equal_channels()
    {
        var (pixels, shape) = ImageDecoder.Decode(Image("grey.jpg"));
        AssertQuarters([(76, 76, 76), (150, 150, 150), (29, 29, 29), (255, 255, 255)], pixels, shape, 6); // ITU-R 601 luma
        Assert.Equal(pixels[..shape.Height], pixels[(shape.Bytes / 3)..][..shape.Height]);
        Assert.All(ImageDecoder.Decode(Image("grey16.png")).Pixels, value => Assert.Equal(40000 >> 8, value, tolerance: 1));
    }

    [Fact]
    public void What_is_transparent_lies_on_white()
    {
        var (pixels, shape) = ImageDecoder.Decode(Image("alpha.png"));
        AssertQuarters([(255, 255, 255), (127, 255, 127), (0, 0, 255), (255, 255, 255)], pixels, shape, 1);
    }

    [Fact]
    public void An_absurd_size_is_refused_before_it_is_allocated()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("declares 100000×100000 pixels", Refused(Image("absurd.png")), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void What_is_no_image_is_refused()
    {
        Assert.Contains("is empty", Refused([]), StringComparison.Ordinal);
        Assert.Contains("no JPEG, PNG, WebP, BMP, GIF or TIFF", Refused("just some text"u8.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oriented-1.jpg")]
    [InlineData("palette.png")]
    [InlineData("animated.gif")]
    [InlineData("plain.bmp")]
    [InlineData("plain.webp")]
    public void A_truncated_image_is_refused_wherever_it_was_cut(string name)
    {
        var whole = Image(name);
        // A GIF is whole with its first frame; a JPEG may lack its end marker.
        for (var length = 0; length < whole.Length / 2; length += 7)
            Assert.Contains("is ", Refused(whole[..length]), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_images_never_do_worse_than_be_refused()
    {
        var random = new Random(1);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images"))
            .Where(ImageDecoder.IsImage))
        {
            for (var i = 0; i < 60; i++)
            {
                var bytes = File.ReadAllBytes(file);
                for (var k = 0; k < 3; k++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                try
                {
                    ImageDecoder.Decode(bytes, Framing.For(16));
                }
                catch (BadImageException)
                {
                }
            }
        }
    }

    private static string Refused(byte[] content) => Assert.Throws<BadImageException>(() => ImageDecoder.Decode(content)).Message;

    private static byte[] Image(string name) => File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images", name));

    private static void AssertQuarters((int R, int G, int B)[] expected, byte[] pixels, ImageShape shape, int tolerance)
    {
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var at = shape.Height * (quarter / 2 * 2 + 1) / 4 * shape.Width + shape.Width * (quarter % 2 * 2 + 1) / 4;
            var (r, g, b) = expected[quarter];
            Assert.Equal(r, pixels[at], tolerance: (double)tolerance);
            Assert.Equal(g, pixels[at + shape.Bytes / 3], tolerance: (double)tolerance);
            Assert.Equal(b, pixels[at + shape.Bytes / 3 * 2], tolerance: (double)tolerance);
        }
    }
}
