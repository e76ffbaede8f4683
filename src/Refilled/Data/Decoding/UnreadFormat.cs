namespace Refilled.Data.Decoding;

/// <summary>Names image formats that aren't read here, by what is in the file: its name may lie.</summary>
internal static class UnreadFormat
{
    /// <summary>Extensions that files of these formats have: such a file is an image, and is told of.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".heic", ".heif", ".avif", ".jxl"];

    /// <returns>The format's name; null where the file is none of these.</returns>
    public static string? Of(ReadOnlySpan<byte> content) =>
        content.StartsWith("II+\0"u8) || content.StartsWith("MM\0+"u8) ? "BigTIFF"
            : content.StartsWith(JpegXl) || content.StartsWith(JpegXlBox) ? "JPEG XL"
            : content.Length >= 12 && content.Slice(4, 4).SequenceEqual("ftyp"u8) ? OfBrand(content)
            : null;

    private static ReadOnlySpan<byte> JpegXl => [0xff, 0x0a];

    private static ReadOnlySpan<byte> JpegXlBox => [0, 0, 0, 0x0c, (byte)'J', (byte)'X', (byte)'L', (byte)' '];

    /// <summary>By the brands of the container that both share (ISO/IEC 23008-12): the main one, then those it is compatible
    /// with.</summary>
    private static string? OfBrand(ReadOnlySpan<byte> content)
    {
        var end = Math.Min(content.Length, Math.Max(16, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(content)));
        var heif = false;
        for (var at = 8; at + 4 <= end; at += 4)
        {
            var brand = content.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8)) return "AVIF";
            // heic, heix, heim, heis, hevc, hevx; mif1 and msf1 say no more than that it is an image.
            heif |= brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.StartsWith("mif"u8) || brand.StartsWith("msf"u8);
        }
        return heif ? "HEIC" : null;
    }
}
