using System.Buffers.Binary;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>Reads the camera's orientation from a PNG's eXIf chunk, which the decoder passes over.</summary>
/// <remarks>W3C, PNG Specification (Third Edition), 11.3.4.5.</remarks>
internal static class PngOrientation
{
    private const int SignatureBytes = 8, AroundChunk = 12;

    /// <returns>Upright where there is no such chunk, or a damaged one: the picture itself may still be read.</returns>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> png)
    {
        // Each chunk: its length, its name, the content, a checksum.
        for (var at = SignatureBytes; at <= png.Length - AroundChunk;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            if (length > png.Length - at - AroundChunk) break;
            if (png.Slice(at + 4, 4).SequenceEqual("eXIf"u8))
                return TiffTags.Read(png.Slice(at + 8, (int)length))?[TiffTags.Orientation] is >= 1 and <= 8 and var origin
                    ? (SKEncodedOrigin)origin : SKEncodedOrigin.TopLeft;
            at += (int)length + AroundChunk;
        }
        return SKEncodedOrigin.TopLeft;
    }
}
