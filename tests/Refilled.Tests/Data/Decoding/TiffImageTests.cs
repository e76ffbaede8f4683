using System.IO.Compression;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data.Decoding;

/// <summary>Quarters of red and green above blue and white, 24 pixels wide and 16 high, as TIFF.</summary>
public class TiffImageTests
{
    private const int Width = 24, Height = 16;

    private static readonly (byte R, byte G, byte B)[] Quarters = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)];

    private static int QuarterOf(int x, int y) => y / (Height / 2) * 2 + x / (Width / 2);

    /// <summary>What each pixel of the quarters is written as, row by row.</summary>
    private static byte[] Pixels(Func<(byte R, byte G, byte B), byte[]> bytes) =>
        [.. Enumerable.Range(0, Width * Height).SelectMany(i => bytes(Quarters[QuarterOf(i % Width, i / Width)]))];

    private static byte[] Rgb((byte R, byte G, byte B) colour) => [colour.R, colour.G, colour.B];

    private static MadeUpTiff Plain(bool big = false) => new(Width, Height, [8, 8, 8], 2, Pixels(Rgb)) { Big = big };

    private static void AssertQuarters(byte[] file)
    {
        var (pixels, shape) = ImageDecoder.Decode(file);
        Assert.Equal(new ImageShape(3, Height, Width), shape);
        for (var i = 0; i < Width * Height; i++)
        {
            var plane = Width * Height;
            Assert.Equal(Quarters[QuarterOf(i % Width, i / Width)], (pixels[i], pixels[plane + i], pixels[2 * plane + i]));
        }
    }

    private static string Refused(byte[] file) => Assert.Throws<BadImageException>(() => ImageDecoder.Decode(file)).Message;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_and_words_of_colour_are_read_in_either_order(bool big)
    {
        AssertQuarters(Plain(big).File());
        var words = Pixels(colour => [.. Rgb(colour).SelectMany(value => new[] { value, value })]);
        AssertQuarters(new MadeUpTiff(Width, Height, [16, 16, 16], 2, words) { Big = big }.File());
    }

    [Fact]
    public void A_palette_is_looked_up()
    {
        var map = new uint[3 * 256];
        foreach (var ((r, g, b), i) in Quarters.Select((quarter, i) => (quarter, i + 40)))
            (map[i], map[256 + i], map[512 + i]) = (257u * r, 257u * g, 257u * b);
        AssertQuarters(new MadeUpTiff(Width, Height, [8], 3, Pixels(colour => [(byte)(40 + Array.IndexOf(Quarters, colour))]))
            { [MadeUpTiff.ColourMap] = map }.File());
    }

    [Theory]
    [InlineData(8, 1, 156)]
    [InlineData(8, 0, 99)]
    [InlineData(16, 1, 156)]
    public void Grey_has_three_equal_channels(uint bits, uint photometric, byte expected)
    {
        // 156 · 257 = 40092, the word of the same grey.
        var file = new MadeUpTiff(5, 3, [bits], photometric, [.. Enumerable.Repeat((byte)156, 15 * (int)bits / 8)]).File();
        Assert.All(ImageDecoder.Decode(file).Pixels, value => Assert.Equal(expected, value));
    }

    [Fact]
    public void Packed_pixels_are_unpacked()
    {
        var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zip.Write(Pixels(Rgb));
        AssertQuarters(new MadeUpTiff(Width, Height, [8, 8, 8], 2, packed.ToArray()) { [MadeUpTiff.Compression] = [8] }.File());
    }

    [Fact]
    public void The_first_page_is_taken()
    {
        var other = new MadeUpTiff(2, 2, [8], 1, [1, 2, 3, 4]);
        AssertQuarters(Plain().File(other));
        Assert.Equal(new ImageShape(3, 2, 2), ImageDecoder.Decode(other.File(Plain())).Shape);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Every_orientation_gives_the_upright_picture(int tag)
    {
        var (width, height) = tag < 5 ? (Width, Height) : (Height, Width);
        var pixels = new byte[3 * Width * Height];
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                var (right, bottom) = (Width - 1 - x, Height - 1 - y);
                // Which visual side the first row and the first column are, by the specification.
                var (row, column) = tag switch
                {
                    1 => (y, x), 2 => (y, right), 3 => (bottom, right), 4 => (bottom, x),
                    5 => (x, y), 6 => (right, y), 7 => (right, bottom), _ => (x, bottom),
                };
                Rgb(Quarters[QuarterOf(x, y)]).CopyTo(pixels, 3 * (row * width + column));
            }
        AssertQuarters(new MadeUpTiff(width, height, [8, 8, 8], 2, pixels) { [MadeUpTiff.Orientation] = [(uint)tag] }.File());
    }

    [Theory]
    [InlineData(2)] // colours as they are
    [InlineData(1)] // colours multiplied by their alpha
    public void What_is_transparent_lies_on_white(uint extra)
    {
        byte[] half = extra == 1 ? [0, 128, 0, 128] : [0, 255, 0, 128];
        var file = new MadeUpTiff(2, 1, [8, 8, 8, 8], 2, [.. half, 9, 9, 9, 255]) { [MadeUpTiff.Extra] = [extra] }.File();
        var (pixels, _) = ImageDecoder.Decode(file);
        Assert.Equal([127, 9, 255, 9, 127, 9], pixels);
    }

    [Fact]
    public void An_absurd_size_is_refused_before_it_is_allocated()
    {
        byte[][] files =
        [
            new MadeUpTiff(100_000, 100_000, [8], 1, [1]).File(),
            new MadeUpTiff(1, 100_000_000, [8], 1, [1]) { [MadeUpTiff.RowsPerStrip] = [1] }.File(),
            new MadeUpTiff(10_000, 10_000, [.. Enumerable.Repeat(16u, 30)], 2, [1]).File(),
            new MadeUpTiff(8, 8, [8], 1, [1]) { [322] = [100_000], [323] = [100_000] }.File(),
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("declares 100000×100000 pixels; at most 200 million are read", Refused(files[0]), StringComparison.Ordinal);
        Assert.All(files, file => Refused(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Kinds_that_are_not_read_are_named()
    {
        var floats = new MadeUpTiff(2, 1, [32], 1, new byte[8]) { [MadeUpTiff.Format] = [3] }.File();
        Assert.StartsWith("is a TIFF of a kind that isn't read here (", Refused(floats), StringComparison.Ordinal);
        Assert.Contains("convert it to PNG", Refused(floats), StringComparison.Ordinal);
        Assert.StartsWith("is BigTIFF, which isn't read here", Refused([.. "II+\0"u8, .. new byte[40]]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_was_cut()
    {
        // Its directory stands at the end, its pixels at the beginning: without its pixels' end it lacks the directory.
        var whole = Plain().File();
        for (var length = 4; length < whole.Length - 4; length += 3)
            Assert.Contains("TIFF that is truncated or corrupt", Refused(whole[..length]), StringComparison.Ordinal);
        // A directory that claims more pixels than there are.
        Assert.Contains("truncated or corrupt", Refused(new MadeUpTiff(Width, Height, [8, 8, 8], 2, Pixels(Rgb)[..90]).File()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_never_do_worse_than_be_refused()
    {
        var random = new Random(1);
        var whole = Plain().File();
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = whole.ToArray();
            // In the header and the directory, where the numbers are.
            for (var k = 0; k < 2; k++)
                bytes[random.Next(3) == 0 ? 4 + random.Next(4) : whole.Length - 1 - random.Next(140)] = (byte)random.Next(256);
            try
            {
                ImageDecoder.Decode(bytes, Framing.For(16));
            }
            catch (BadImageException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 500, 2999);
    }
}
