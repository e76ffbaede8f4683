using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Refilled.Data.Views;

namespace Refilled.Data.Decoding;

/// <summary>A file of decoded images: a header, the pixels in any order, and an index.</summary>
/// <remarks>The header (64 bytes) holds magic, key, and where the index lies; the index, where each image lies, its shapes, and why
/// it can't be used. It ends with the hash of the content and one of header and index. Numbers are little-endian.</remarks>
internal static class DecodedFormat
{
    /// <summary>Where the pixels begin.</summary>
    public const int HeaderBytes = 64;

    private const int EntryBytes = 28, HashBytes = 32;

    private static ReadOnlySpan<byte> Magic => "RFLPIX01"u8;

    /// <summary>The header and the index, to be written at the beginning and behind the pixels.</summary>
    /// <param name="key">What the file is for, 32 bytes.</param>
    /// <param name="images">The images.</param>
    /// <param name="offsets">Where the pixels of each lie.</param>
    /// <param name="end">Where the pixels end.</param>
    /// <param name="contentHash">Hash of the data set (hex).</param>
    public static (byte[] Header, byte[] Index) Write(byte[] key, DecodedFiles images, long[] offsets, long end, string contentHash)
    {
        var index = new MemoryStream();
        using (var writer = new BinaryWriter(index, Encoding.UTF8, leaveOpen: true))
        {
            var reasons = images.Reasons.Select(reason => reason is null ? null : Encoding.UTF8.GetBytes(reason)).ToArray();
            for (var i = 0; i < offsets.Length; i++)
            {
                writer.Write(offsets[i]);
                foreach (var shape in new[] { images.Shapes[i], images.Originals[i] })
                {
                    writer.Write(shape.Height);
                    writer.Write(shape.Width);
                }
                writer.Write(reasons[i]?.Length ?? -1);
            }
            foreach (var reason in reasons)
                if (reason is not null) writer.Write(reason);
            writer.Write(Convert.FromHexString(contentHash));
        }
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        key.CopyTo(header, Magic.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), end);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), index.Length + HashBytes);
        index.Write(SHA256.HashData([.. header, .. index.ToArray()]));
        return (header, index.ToArray());
    }

    /// <summary>Opens a file and maps its pixels, which are not looked at.</summary>
    /// <returns>The images, and the hash of the data set that they made.</returns>
    /// <exception cref="InvalidDataException">It is damaged or for something else; the message completes "it …".</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static (DecodedFiles Images, string ContentHash) Open(string path, byte[] key, int count)
    {
        using var handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
        var (length, header) = (RandomAccess.GetLength(handle), new byte[HeaderBytes]);
        if (length < HeaderBytes || RandomAccess.Read(handle, header, 0) < HeaderBytes || !header.AsSpan().StartsWith(Magic))
            throw new InvalidDataException("is no file of decoded images of this version");
        if (!header.AsSpan(Magic.Length, HashBytes).SequenceEqual(key)) throw new InvalidDataException("is of other data");
        var (end, size) = (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40)),
            BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(48)));
        var least = (long)count * EntryBytes + 2 * HashBytes;
        if (end < HeaderBytes || end > length || size != length - end || size < least || size > Array.MaxLength)
            throw new InvalidDataException("is truncated or damaged");
        var index = new byte[size];
        for (var done = 0; done < index.Length;)
            done += RandomAccess.Read(handle, index.AsSpan(done), end + done) is > 0 and var got
                ? got
                : throw new InvalidDataException("is truncated");
        if (!SHA256.HashData([.. header, .. index[..^HashBytes]]).AsSpan().SequenceEqual(index.AsSpan(^HashBytes)))
            throw new InvalidDataException("is damaged");

        var (offsets, shapes, originals, reasons) =
            (new (long, int)[count], new ImageShape[count], new ImageShape[count], new string?[count]);
        using var reader = new BinaryReader(new MemoryStream(index));
        var text = count * EntryBytes;
        for (var i = 0; i < count; i++)
        {
            var offset = reader.ReadInt64();
            (shapes[i], originals[i]) = (Shape(reader), Shape(reader));
            if (reader.ReadInt32() is >= 0 and var bytes)
            {
                if (bytes > index.Length - 2 * HashBytes - text) throw new InvalidDataException("is damaged");
                reasons[i] = Encoding.UTF8.GetString(index, text, bytes);
                text += bytes;
            }
            offsets[i] = (offset, shapes[i].Bytes);
            if (offset < HeaderBytes || offset > end - shapes[i].Bytes) throw new InvalidDataException("is damaged");
        }
        return (new DecodedFiles(new MappedPixels(handle, offsets), shapes, originals, reasons),
            Convert.ToHexStringLower(index.AsSpan(index.Length - 2 * HashBytes, HashBytes)));
    }

    private static ImageShape Shape(BinaryReader reader)
    {
        var (height, width) = (reader.ReadInt32(), reader.ReadInt32());
        if (height < 0 || width < 0 || (long)height * width > ImageDecoder.MostPixels) throw new InvalidDataException("is damaged");
        return height == 0 || width == 0 ? default : new ImageShape(Framing.Channels, height, width);
    }
}
