using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>Decodes JPEG, PNG, WebP, BMP, GIF (its first frame) and TIFF (its first page) to red, green and blue.</summary>
/// <remarks>Greyscale and CMYK are converted, what is transparent is laid on white, and the camera's orientation is
/// applied.</remarks>
internal static class ImageDecoder
{
    /// <summary>Which pixels a file gives: raised whenever they change, because decoded pixels are kept on disk.</summary>
    public const int Version = 4;

    /// <summary>Most pixels that an image may declare: four times a large camera's. More is refused before it is allocated.</summary>
    public const long MostPixels = 200_000_000;

    private static readonly string[] Extensions =
    [
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", .. UnreadFormat.Extensions,
    ];

    /// <summary>Whether a file is an image by its name.</summary>
    public static bool IsImage(string name) => Extensions.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes an image to the shape that a framing keeps.</summary>
    /// <remarks>A JPEG that is at least twice as large is decoded at a half, a quarter or an eighth of its size, which is never
    /// below what is kept, and resized from there; so is a very large image of another format.</remarks>
    /// <param name="content">The file.</param>
    /// <param name="framing">What is kept.</param>
    /// <param name="memory">Holds the result until it is used again.</param>
    /// <param name="mostPixels">Most pixels that it may have.</param>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static DecodedImage Decode(byte[] content, Framing framing, DecoderMemory memory, long mostPixels = MostPixels)
    {
        memory.Release();
        using var file = EncodedImage.Open(content);
        file.CheckSize(mostPixels);
        return Framed(file, framing, ScaledSize(file, framing), memory);
    }

    /// <summary>The same from the image's own size, whatever it is.</summary>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static DecodedImage DecodeUnscaled(byte[] content, Framing framing, DecoderMemory memory)
    {
        memory.Release();
        using var file = EncodedImage.Open(content);
        return Framed(file, framing, file.Size, memory);
    }

    /// <summary>Decodes an image to the shape that a framing keeps, into an array.</summary>
    /// <returns>Planar pixels, their shape, and the shape that the image had.</returns>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape, ImageShape Original) Decode(byte[] content, Framing framing)
    {
        using var memory = new DecoderMemory();
        var image = Decode(content, framing, memory);
        return (image.Pixels.ToArray(), image.Shape, image.Original);
    }

    /// <summary>Decodes an image at its own size.</summary>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape) Decode(byte[] content)
    {
        using var memory = new DecoderMemory();
        using var file = EncodedImage.Open(content);
        var image = Whole(file, file.Size, memory);
        return (image.Pixels.ToArray(), image.Shape);
    }

    private static DecodedImage Framed(EncodedImage file, Framing framing, SKSizeI size, DecoderMemory memory)
    {
        var (_, kept) = framing.Keep(file.Shape.Height, file.Shape.Width);
        var whole = Whole(file, size, memory);
        if (kept == whole.Shape) return whole;
        var resized = memory.Kept(kept.Bytes);
        memory.Resampler.Resize(whole.Pixels, whole.Shape, framing.Keep(whole.Shape.Height, whole.Shape.Width).Part, resized, kept);
        return new DecodedImage(resized, kept, file.Shape);
    }

    private static DecodedImage Whole(EncodedImage file, SKSizeI size, DecoderMemory memory)
    {
        var shape = Upright.Shape(size.Height, size.Width, file.Origin);
        memory.Enter((4L + shape.Channels) * size.Width * size.Height);
        var stored = memory.Stored(4L * size.Width * size.Height);
        file.Read(size, stored);
        var planes = memory.Planes(shape.Bytes);
        Upright.Write(stored, size.Height, size.Width, file.Origin, file.Opaque, planes);
        return new DecodedImage(planes, shape, file.Shape);
    }

    /// <summary>The smallest size that a file can be decoded at without enlarging anything that is kept.</summary>
    private static SKSizeI ScaledSize(EncodedImage file, Framing framing)
    {
        var (_, kept) = framing.Keep(file.Shape.Height, file.Shape.Width);
        foreach (var size in file.SmallerSizes)
        {
            var shape = Upright.Shape(size.Height, size.Width, file.Origin);
            var (part, _) = framing.Keep(shape.Height, shape.Width);
            if (part.Height >= kept.Height && part.Width >= kept.Width) return size;
        }
        return file.Size;
    }
}

/// <summary>An image as it was decoded.</summary>
/// <param name="pixels">Planar; in the decoder's memory, until it decodes the next.</param>
/// <param name="shape">Their shape.</param>
/// <param name="original">The shape that the image had, upright.</param>
internal readonly ref struct DecodedImage(ReadOnlySpan<byte> pixels, ImageShape shape, ImageShape original)
{
    public ReadOnlySpan<byte> Pixels { get; } = pixels;

    public ImageShape Shape { get; } = shape;

    public ImageShape Original { get; } = original;
}

/// <summary>An image can't be decoded. The message completes "the file …".</summary>
internal sealed class BadImageException(string message) : Exception(message);
