using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>Decodes JPEG, PNG, WebP, BMP and GIF (its first frame) to red, green and blue.</summary>
/// <remarks>Greyscale and CMYK are converted, what is transparent is laid on white, and the camera's orientation is
/// applied.</remarks>
internal static class ImageDecoder
{
    /// <summary>Which pixels a file gives: raised whenever they change, because decoded pixels are kept on disk.</summary>
    public const int Version = 2;

    /// <summary>Most pixels that an image may declare: four times a large camera's. More is refused before it is allocated.</summary>
    public const long MostPixels = 200_000_000;

    private static readonly SKEncodedImageFormat[] Formats =
    [
        SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif,
    ];

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif"];

    /// <summary>Parts of its size that a JPEG is decoded at.</summary>
    /// <remarks>The library has eighths, but only these with vectors: seven and six eighths are slower than the whole.</remarks>
    private static readonly float[] Scales = [1 / 8f, 1 / 4f, 1 / 2f];

    /// <summary>Whether a file is an image by its name.</summary>
    public static bool IsImage(string name) => Extensions.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes an image to the shape that a framing keeps.</summary>
    /// <remarks>A JPEG that is at least twice as large is decoded at a half, a quarter or an eighth of its size, which is never
    /// below what is kept, and resized from there.</remarks>
    /// <param name="content">The file.</param>
    /// <param name="framing">What is kept.</param>
    /// <param name="memory">Holds the result until it is used again.</param>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static DecodedImage Decode(byte[] content, Framing framing, DecoderMemory memory)
    {
        using var file = new ImageFile(content);
        return Framed(file, framing, ScaledSize(file, framing), memory);
    }

    /// <summary>The same from the image's own size, whatever it is.</summary>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static DecodedImage DecodeUnscaled(byte[] content, Framing framing, DecoderMemory memory)
    {
        using var file = new ImageFile(content);
        return Framed(file, framing, file.Codec.Info.Size, memory);
    }

    /// <summary>Decodes an image to the shape that a framing keeps, into an array.</summary>
    /// <returns>Planar pixels, their shape, and the shape that the image had.</returns>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape, ImageShape Original) Decode(byte[] content, Framing framing)
    {
        var image = Decode(content, framing, new DecoderMemory());
        return (image.Pixels.ToArray(), image.Shape, image.Original);
    }

    /// <summary>Decodes an image at its own size.</summary>
    /// <exception cref="BadImageException">It can't be decoded; the message says why.</exception>
    public static (byte[] Pixels, ImageShape Shape) Decode(byte[] content)
    {
        using var file = new ImageFile(content);
        var image = Whole(file, file.Codec.Info.Size, new DecoderMemory());
        return (image.Pixels.ToArray(), image.Shape);
    }

    private static DecodedImage Framed(ImageFile file, Framing framing, SKSizeI size, DecoderMemory memory)
    {
        var (_, kept) = framing.Keep(file.Shape.Height, file.Shape.Width);
        var whole = Whole(file, size, memory);
        if (kept == whole.Shape) return whole;
        var resized = memory.Kept(kept.Bytes);
        memory.Resampler.Resize(whole.Pixels, whole.Shape, framing.Keep(whole.Shape.Height, whole.Shape.Width).Part, resized, kept);
        return new DecodedImage(resized, kept, file.Shape);
    }

    private static DecodedImage Whole(ImageFile file, SKSizeI size, DecoderMemory memory)
    {
        var stored = memory.Stored(4L * size.Width * size.Height);
        SKCodecResult result;
        unsafe
        {
            fixed (byte* target = stored)
                result = file.Codec.GetPixels(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul),
                    (nint)target);
        }
        if (result == SKCodecResult.IncompleteInput) throw new BadImageException("is truncated");
        if (result != SKCodecResult.Success) throw new BadImageException($"is corrupt ({result})");
        var shape = Upright.Shape(size.Height, size.Width, file.Codec.EncodedOrigin);
        var planes = memory.Planes(shape.Bytes);
        Upright.Write(stored, size.Height, size.Width, file.Codec.EncodedOrigin, file.Codec.Info.AlphaType == SKAlphaType.Opaque, planes);
        return new DecodedImage(planes, shape, file.Shape);
    }

    /// <summary>The smallest size that a JPEG can be decoded at without enlarging anything that is kept.</summary>
    private static SKSizeI ScaledSize(ImageFile file, Framing framing)
    {
        if (file.Codec.EncodedFormat != SKEncodedImageFormat.Jpeg) return file.Codec.Info.Size;
        var (_, kept) = framing.Keep(file.Shape.Height, file.Shape.Width);
        foreach (var scale in Scales)
        {
            var size = file.Codec.GetScaledDimensions(scale);
            var shape = Upright.Shape(size.Height, size.Width, file.Codec.EncodedOrigin);
            var (part, _) = framing.Keep(shape.Height, shape.Width);
            if (part.Height >= kept.Height && part.Width >= kept.Width) return size;
        }
        return file.Codec.Info.Size;
    }

    /// <summary>A file in memory, opened. The decoder reads it where it lies.</summary>
    private sealed class ImageFile : IDisposable
    {
        private readonly System.Buffers.MemoryHandle pin;
        private readonly SKData data;

        public ImageFile(byte[] content)
        {
            if (content.Length == 0) throw new BadImageException("is empty");
            pin = content.AsMemory().Pin();
            unsafe
            {
                data = SKData.Create((nint)pin.Pointer, content.Length);
            }
            Codec = SKCodec.Create(data);
            try
            {
                if (Codec is null || !Formats.Contains(Codec.EncodedFormat))
                    throw new BadImageException("is no JPEG, PNG, WebP, BMP or GIF image");
                var (width, height) = (Codec.Info.Width, Codec.Info.Height);
                if (width < 1 || height < 1 || (long)width * height > MostPixels)
                    throw new BadImageException($"declares {width}×{height} pixels; at most {MostPixels / 1_000_000} million are read");
                Shape = Upright.Shape(height, width, Codec.EncodedOrigin);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public SKCodec Codec { get; }

        /// <summary>The shape of the whole image, upright.</summary>
        public ImageShape Shape { get; }

        public void Dispose()
        {
            Codec?.Dispose();
            data.Dispose();
            pin.Dispose();
        }
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

/// <summary>What a thread that decodes keeps from image to image: memory, and the taps of sizes that it met.</summary>
/// <remarks>Not safe for several threads at once.</remarks>
internal sealed class DecoderMemory
{
    /// <summary>Largest block that is kept, an image of four million pixels.</summary>
    /// <remarks>Larger ones are rare, and must not stay in the memory of every thread.</remarks>
    private const int MostKept = 1 << 24;

    private byte[] stored = [], planes = [], kept = [];

    public Resampler Resampler { get; } = new();

    /// <summary>For the decoder's own pixels, four bytes each.</summary>
    public Span<byte> Stored(long length) => Block(ref stored, length);

    /// <summary>For the planes of the whole image.</summary>
    public Span<byte> Planes(long length) => Block(ref planes, length);

    /// <summary>For what is kept of it.</summary>
    public Span<byte> Kept(long length) => Block(ref kept, length);

    private static Span<byte> Block(ref byte[] block, long length)
    {
        if (length > MostKept) return new byte[length];
        if (block.Length < length)
            block = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        return block.AsSpan(0, (int)length);
    }
}
