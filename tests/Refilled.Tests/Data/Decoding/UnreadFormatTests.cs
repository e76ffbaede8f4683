using System.Buffers.Binary;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data.Decoding;

/// <summary>What is in a file, not its name, says what it is.</summary>
public class UnreadFormatTests
{
    /// <summary>The beginning of a HEIF container: the main brand, a version, and brands that it is compatible with.</summary>
    private static byte[] Container(params string[] brands)
    {
        var bytes = new byte[8 + 4 * (brands.Length + 1) + 20];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 8 + 4 * (brands.Length + 1));
        "ftyp"u8.CopyTo(bytes.AsSpan(4));
        for (var i = 0; i < brands.Length; i++) MadeUpFiles.Text(brands[i]).CopyTo(bytes, i == 0 ? 8 : 12 + 4 * i);
        return bytes;
    }

    [Theory]
    [InlineData("HEIC", "heic", "mif1", "heic")]
    [InlineData("HEIC", "mif1", "heix")]
    [InlineData("HEIC", "heic")]
    [InlineData("AVIF", "avif", "mif1", "miaf")]
    [InlineData("AVIF", "mif1", "avif", "miaf")]
    [InlineData("AVIF", "avis", "msf1")]
    [InlineData(null, "isom", "mp42")]
    public void Brands_of_the_container_tell(string? expected, params string[] brands) =>
        Assert.Equal(expected, UnreadFormat.Of(Container(brands)));

    [Fact]
    public void Other_formats_have_their_own_beginnings()
    {
        Assert.Equal("JPEG XL", UnreadFormat.Of([0xff, 0x0a, 1, 2]));
        Assert.Equal("JPEG XL", UnreadFormat.Of([0, 0, 0, 12, .. "JXL \r\n"u8]));
        Assert.Null(UnreadFormat.Of("just some text"u8));
        Assert.Null(UnreadFormat.Of([]));
        for (var length = 0; length < 12; length++) Assert.Null(UnreadFormat.Of(Container("heic").AsSpan(0, length)));
    }

    [Fact]
    public void They_are_told_in_a_folder_whatever_their_names_are()
    {
        using var folder = new TemporaryFolder();
        var photos = MadeUpFiles.Folder(folder["photos"], new Dictionary<string, byte[]>
        {
            ["a/0.png"] = MadeUpFiles.Picture(0), ["a/1.png"] = MadeUpFiles.Picture(1), ["a/photo.heic"] = Container("heic", "mif1"),
            ["b/0.png"] = MadeUpFiles.Picture(2), ["b/1.heic"] = MadeUpFiles.Picture(3), ["b/lies.jpg"] = Container("avif"),
        });
        var message = Assert.Throws<InputException>(() => DataCatalog.Load("folder:" + photos)).Message;
        Assert.Contains("2 of 6 images", message, StringComparison.Ordinal);
        Assert.Contains("a/photo.heic is HEIC, which isn't read here; convert it to JPEG or PNG", message, StringComparison.Ordinal);
        Assert.Contains("b/lies.jpg is AVIF, which isn't read here; convert it to JPEG or PNG", message, StringComparison.Ordinal);
        // The third lies the other way.
        var data = DataCatalog.Load("folder:" + photos, new DataOptions { SkipBad = true });
        Assert.Equal(4, data.Train.Count + data.Test.Count);
    }
}
