using System.Buffers.Binary;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data.Decoding;

public class PngOrientationTests
{
    private static readonly byte[] Plain = MadeUpFiles.Picture(7, 20, 16);

    /// <summary>A PNG with a chunk before its pixels. Readers compare no checksum of one that they pass over.</summary>
    private static byte[] With(string name, params byte[] content)
    {
        const int AfterHeader = 8 + 12 + 13;
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. Plain[..AfterHeader], .. length, .. MadeUpFiles.Text(name), .. content, 0, 0, 0, 0, .. Plain[AfterHeader..]];
    }

    private static byte[] Exif(byte orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(8)]
    public void The_tag_of_the_chunk_is_read(byte tag) => Assert.Equal((SKEncodedOrigin)tag, PngOrientation.Of(With("eXIf", Exif(tag))));

    [Fact]
    public void Without_it_or_damaged_the_picture_is_as_it_is()
    {
        Assert.Equal(SKEncodedOrigin.TopLeft, PngOrientation.Of(Plain));
        Assert.Equal(SKEncodedOrigin.TopLeft, PngOrientation.Of(With("tEXt", Exif(6))));
        Assert.Equal(SKEncodedOrigin.TopLeft, PngOrientation.Of(With("eXIf", Exif(9))));
        Assert.Equal(SKEncodedOrigin.TopLeft, PngOrientation.Of(With("eXIf", [.. "MM\0*"u8, 0, 0, 0, 200])));
        var turned = With("eXIf", Exif(6));
        for (var length = 0; length < turned.Length; length++) PngOrientation.Of(turned.AsSpan(0, length));
    }

    [Fact]
    public void A_turned_picture_stands_upright()
    {
        var (pixels, shape) = ImageDecoder.Decode(With("eXIf", Exif(6)));
        Assert.Equal(new ImageShape(3, 20, 16), shape);
        var (stored, _) = ImageDecoder.Decode(Plain);
        // Turned to the right: the first pixel is at the end of the first row.
        Assert.Equal(stored[0], pixels[15]);
        Assert.NotEqual(stored[0], pixels[0]);
    }

    [Fact]
    public void A_cameras_file_stands_upright() =>
        Assert.Equal(new ImageShape(3, 64, 96), ImageDecoder.Decode(File.ReadAllBytes(Repository.Shared("cases", "exif6.png"))).Shape);
}
