using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>Turns pixels as a decoder stores them into planes of the upright image.</summary>
/// <remarks>Stored are red, green, blue and alpha side by side; where the image is transparent, it is laid on white.</remarks>
internal static class Upright
{
    /// <summary>The shape of the upright image.</summary>
    public static ImageShape Shape(int height, int width, SKEncodedOrigin origin) =>
        origin >= SKEncodedOrigin.LeftTop
            ? new ImageShape(Framing.Channels, width, height)
            : new ImageShape(Framing.Channels, height, width);

    /// <param name="stored">Four bytes for each pixel.</param>
    /// <param name="height">Rows that are stored.</param>
    /// <param name="width">Columns that are stored.</param>
    /// <param name="origin">Where the upright image's first pixel is.</param>
    /// <param name="opaque">Whether every alpha is known to be 255.</param>
    /// <param name="planes">Receives <see cref="Shape"/>.</param>
    public static void Write(ReadOnlySpan<byte> stored, int height, int width, SKEncodedOrigin origin, bool opaque, Span<byte> planes)
    {
        if (opaque && origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default) Split(MemoryMarshal.Cast<byte, uint>(stored), planes);
        else Turn(stored, height, width, origin, planes);
    }

    /// <summary>Nearly all images: nothing to turn, nothing transparent.</summary>
    private static void Split(ReadOnlySpan<uint> stored, Span<byte> planes)
    {
        var count = stored.Length;
        var at = 0;
        if (BitConverter.IsLittleEndian && Vector128.IsHardwareAccelerated)
        {
            ref var source = ref MemoryMarshal.GetReference(stored);
            ref var target = ref MemoryMarshal.GetReference(planes);
            var mask = Vector128.Create(255u);
            for (; at + 16 <= count; at += 16)
            {
                var (a, b) = (Vector128.LoadUnsafe(ref source, (nuint)at), Vector128.LoadUnsafe(ref source, (nuint)at + 4));
                var (c, d) = (Vector128.LoadUnsafe(ref source, (nuint)at + 8), Vector128.LoadUnsafe(ref source, (nuint)at + 12));
                for (var plane = 0; plane < Framing.Channels; plane++)
                {
                    Vector128.Narrow(Vector128.Narrow(a & mask, b & mask), Vector128.Narrow(c & mask, d & mask))
                        .StoreUnsafe(ref target, (nuint)(plane * count + at));
                    (a, b, c, d) = (a >>> 8, b >>> 8, c >>> 8, d >>> 8);
                }
            }
        }
        var bytes = MemoryMarshal.AsBytes(stored);
        for (; at < count; at++)
            for (var plane = 0; plane < Framing.Channels; plane++) planes[plane * count + at] = bytes[4 * at + plane];
    }

    /// <summary>For each pixel of the upright image, which one of the stored image is it?</summary>
    private static void Turn(ReadOnlySpan<byte> stored, int height, int width, SKEncodedOrigin origin, Span<byte> planes)
    {
        var (last, bottom) = (width - 1, height - 1);
        // Where the stored image begins, and how far a step to the right and a step down lead in it.
        var (start, right, down) = origin switch
        {
            SKEncodedOrigin.TopRight => (last, -1, width),
            SKEncodedOrigin.BottomRight => (bottom * width + last, -1, -width),
            SKEncodedOrigin.BottomLeft => (bottom * width, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (bottom * width, -width, 1),
            SKEncodedOrigin.RightBottom => (bottom * width + last, -width, -1),
            SKEncodedOrigin.LeftBottom => (last, width, -1),
            _ => (0, 1, width),
        };
        var shape = Shape(height, width, origin);
        var plane = shape.Height * shape.Width;
        for (var y = 0; y < shape.Height; y++)
        {
            var at = y * shape.Width;
            for (int x = 0, from = start + y * down; x < shape.Width; x++, from += right, at++)
            {
                var pixel = stored.Slice(4 * from, 4);
                var alpha = pixel[3];
                for (var c = 0; c < Framing.Channels; c++)
                    planes[c * plane + at] = alpha == 255 ? pixel[c] : (byte)((pixel[c] * alpha + 255 * (255 - alpha) + 127) / 255);
            }
        }
    }
}
