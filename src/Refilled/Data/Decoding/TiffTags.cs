using System.Buffers.Binary;

namespace Refilled.Data.Decoding;

/// <summary>The first directory of a TIFF structure: of a TIFF file, or of the Exif within another.</summary>
/// <remarks>TIFF 6.0, part 1. What a tag says is within the bytes, or the directory isn't read.</remarks>
internal sealed class TiffTags
{
    /// <summary>Numbers of the tags that are asked for.</summary>
    public const int ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Orientation = 274, SamplesPerPixel = 277,
        RowsPerStrip = 278, TileWidth = 322, TileLength = 323;

    private const int EntryBytes = 12;

    private readonly Dictionary<int, long> numbers = [];

    private TiffTags() { }

    /// <summary>The first number of a tag; null where there is none.</summary>
    public long? this[int tag] => numbers.TryGetValue(tag, out var number) ? number : null;

    /// <summary>Whether bytes begin as such a structure does.</summary>
    public static bool Begin(ReadOnlySpan<byte> bytes) => bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8);

    /// <summary>Reads the directory.</summary>
    /// <returns>Null where the bytes are no TIFF structure, or a damaged one.</returns>
    public static TiffTags? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8 || !Begin(bytes)) return null;
        var big = bytes[0] == 'M';
        var at = (long)Long(bytes[4..], big);
        if (at > bytes.Length - 2) return null;
        var count = Short(bytes[(int)at..], big);
        if (at + 2 + count * EntryBytes > bytes.Length) return null;
        var tags = new TiffTags();
        var seen = new HashSet<ushort>();
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.Slice((int)at + 2 + i * EntryBytes, EntryBytes);
            var (tag, type, items) = (Short(entry, big), Short(entry[2..], big), Long(entry[4..], big));
            var length = items * BytesOf(type);
            var value = entry[8..];
            if (length > value.Length)
            {
                var place = Long(value, big);
                if (place + length > bytes.Length) return null;
                value = bytes[(int)place..];
            }
            // Two readers would take different ones.
            if (!seen.Add(tag)) return null;
            if (items > 0 && Number(value, type, big) is { } number) tags.numbers[tag] = number;
        }
        return tags;
    }

    private static long? Number(ReadOnlySpan<byte> value, ushort type, bool big) => type switch
    {
        1 => value[0],
        3 => Short(value, big),
        4 => Long(value, big),
        _ => null,
    };

    /// <summary>Bytes of an item of a type; at least one for types that came later.</summary>
    private static long BytesOf(ushort type) => type switch { 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, 5 or 10 or 12 => 8, _ => 1 };

    private static ushort Short(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Long(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
