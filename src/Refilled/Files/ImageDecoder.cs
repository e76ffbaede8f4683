using Refilled.Data;
using SkiaSharp;

namespace Refilled.Files;

/// <summary>Decodes JPEG, PNG, WebP, BMP and GIF (its first frame) to red, green and blue: greyscale and CMYK are
/// converted, what is transparent is laid on white, and the camera's orientation is applied.</summary>
internal static class ImageDecoder
{
    /// <summary>Most pixels that an image may declare: four times a large camera's. More is refused before it is allocated.</summary>
    public const long MostPixels = 200_000_000;

    private static readonly SKEncodedImageFormat[] Formats = [SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif];

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif"];

    /// <summary>Whether a file is an image by its name.</summary>
    public static bool IsImage(string name) => Extensions.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes an image to the shape that a framing keeps.</summary>
    /// <returns>Planar pixels, their shape, and the shape that the image had.</returns>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape, ImageShape Original) Decode(byte[] content, Framing framing)
    {
        var (pixels, shape) = Decode(content);
        var (part, kept) = framing.Keep(shape.Height, shape.Width);
        if (kept == shape) return (pixels, shape, shape);
        var resized = new byte[kept.Bytes];
        new Resampler().Resize(pixels, shape, part, resized, kept);
        return (resized, kept, shape);
    }

    /// <summary>Decodes an image at its own size.</summary>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape) Decode(byte[] content)
    {
        if (content.Length == 0) throw new BadImageException("is empty");
        using var data = SKData.CreateCopy(content);
        using var codec = SKCodec.Create(data);
        if (codec is null || !Formats.Contains(codec.EncodedFormat)) throw new BadImageException("is no JPEG, PNG, WebP, BMP or GIF image");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1 || (long)width * height > MostPixels) throw new BadImageException($"declares {width}×{height} pixels; at most {MostPixels / 1_000_000} million are read");
        var rgba = new byte[4L * width * height];
        SKCodecResult result;
        unsafe
        {
            fixed (byte* target = rgba) result = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)target);
        }
        return result switch
        {
            SKCodecResult.Success => Orient(rgba, height, width, codec.EncodedOrigin),
            SKCodecResult.IncompleteInput => throw new BadImageException("is truncated"),
            _ => throw new BadImageException($"is corrupt ({result})"),
        };
    }

    /// <summary>Planes of the upright image. For each pixel of it, which one of the stored image is it?</summary>
    private static (byte[] Pixels, ImageShape Shape) Orient(byte[] rgba, int height, int width, SKEncodedOrigin origin)
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
        var shape = origin >= SKEncodedOrigin.LeftTop ? new ImageShape(3, width, height) : new ImageShape(3, height, width);
        var planes = new byte[shape.Bytes];
        var plane = shape.Height * shape.Width;
        for (var y = 0; y < shape.Height; y++)
        {
            var at = y * shape.Width;
            for (long x = 0, from = start + (long)y * down; x < shape.Width; x++, from += right, at++)
            {
                var alpha = rgba[4 * from + 3];
                for (var c = 0; c < 3; c++) planes[c * plane + at] = alpha == 255 ? rgba[4 * from + c] : (byte)((rgba[4 * from + c] * alpha + 255 * (255 - alpha) + 127) / 255);
            }
        }
        return (planes, shape);
    }
}
