using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>A JPEG, PNG, WebP, BMP or GIF file.</summary>
internal sealed class SkiaImage : EncodedImage
{
    private static readonly SKEncodedImageFormat[] Formats =
    [
        SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif,
    ];

    /// <summary>From so many pixels on an image is decoded at a part of its size.</summary>
    private const long Large = 24_000_000;

    /// <summary>Most pixels where it can't.</summary>
    private const long MostAtOnce = 36_000_000;

    /// <summary>Pixels of a strip of rows.</summary>
    private const int StripPixels = 8_000_000;

    /// <summary>Parts of its size that a JPEG is decoded at.</summary>
    /// <remarks>The library has eighths, but only these with vectors: seven and six eighths are slower than the whole.</remarks>
    private static readonly float[] Scales = [1 / 8f, 1 / 4f, 1 / 2f];

    private readonly System.Buffers.MemoryHandle pin;
    private readonly SKData data;
    private readonly SKCodec codec;

    public SkiaImage(byte[] content)
    {
        pin = content.AsMemory().Pin();
        unsafe
        {
            data = SKData.Create((nint)pin.Pointer, content.Length);
        }
        codec = SKCodec.Create(data);
        try
        {
            if (codec is null || !Formats.Contains(codec.EncodedFormat))
                throw new BadImageException(UnreadFormat.Of(content) is { } format
                    ? $"is {format}, which isn't read here; convert it to JPEG or PNG"
                    : "is no JPEG, PNG, WebP, BMP, GIF or TIFF image");
            CheckSize(codec.Info.Width, codec.Info.Height);
            if (Pixels > Large && !HasRows && !ScalesItself) CheckSize(codec.Info.Width, codec.Info.Height, MostAtOnce);
            Origin = codec.EncodedFormat == SKEncodedImageFormat.Png ? PngOrientation.Of(content) : codec.EncodedOrigin;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override SKSizeI Size => codec.Info.Size;

    /// <inheritdoc/>
    public override SKEncodedOrigin Origin { get; }

    /// <inheritdoc/>
    public override bool Opaque => codec.Info.AlphaType == SKAlphaType.Opaque;

    /// <inheritdoc/>
    public override IEnumerable<SKSizeI> SmallerSizes =>
        codec.EncodedFormat == SKEncodedImageFormat.Jpeg || (ScalesItself && Pixels > Large) ? Scales.Select(codec.GetScaledDimensions)
        : Pixels > Large && HasRows ? Scales.Select(scale => new SKSizeI(Block(Size.Width, scale), Block(Size.Height, scale))) : [];

    /// <inheritdoc/>
    public override void Read(SKSizeI size, Span<byte> target)
    {
        if (size != Size && !ScalesItself)
        {
            ReadRows(size, target);
            return;
        }
        unsafe
        {
            fixed (byte* pixels = target) Check(codec.GetPixels(Stored(size), (nint)pixels));
        }
    }

    private long Pixels => (long)codec.Info.Width * codec.Info.Height;

    /// <summary>Whether the library decodes it at other sizes by itself.</summary>
    private bool ScalesItself => codec.EncodedFormat is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp;

    /// <summary>Whether a part of its rows can be decoded alone.</summary>
    private bool HasRows => codec.EncodedFormat == SKEncodedImageFormat.Png;

    /// <summary>Strips of rows in blocks: each pixel is the mean of a block, its colours weighted by their alpha.</summary>
    private void ReadRows(SKSizeI size, Span<byte> target)
    {
        var (block, width) = (Size.Width / size.Width, Size.Width);
        // Each strip is decoded from the first row on, so that few are wanted.
        var rows = Math.Max(1, StripPixels / width / block) * block;
        var strip = new byte[4L * width * Math.Min(rows, Size.Height)];
        for (var top = 0; top < size.Height * block; top += rows)
        {
            var count = Math.Min(rows, size.Height * block - top);
            unsafe
            {
                fixed (byte* pixels = strip)
                {
                    Check(codec.StartIncrementalDecode(Stored(Size), (nint)pixels, 4 * width,
                        new SKCodecOptions(new SKRectI(0, top, width, top + count))));
                    Check(codec.IncrementalDecode());
                }
            }
            for (var y = 0; y < count; y += block)
                Shrink(strip.AsSpan(4 * width * y, 4 * width * block), width, block,
                    target.Slice(4 * size.Width * ((top + y) / block), 4 * size.Width));
        }
    }

    private static void Shrink(ReadOnlySpan<byte> rows, int width, int block, Span<byte> line)
    {
        for (var at = 0; at < line.Length / 4; at++)
        {
            var (red, green, blue, alpha) = (0, 0, 0, 0);
            for (var y = 0; y < block; y++)
                for (var x = 0; x < block; x++)
                {
                    var pixel = rows.Slice(4 * (y * width + at * block + x), 4);
                    red += pixel[0] * pixel[3];
                    green += pixel[1] * pixel[3];
                    blue += pixel[2] * pixel[3];
                    alpha += pixel[3];
                }
            byte Mean(int sum) => alpha == 0 ? (byte)0 : (byte)((sum + alpha / 2) / alpha);
            (line[4 * at], line[4 * at + 1], line[4 * at + 2]) = (Mean(red), Mean(green), Mean(blue));
            line[4 * at + 3] = (byte)((alpha + block * block / 2) / (block * block));
        }
    }

    private static int Block(int length, float scale) => Math.Max(1, (int)(length * scale));

    private static SKImageInfo Stored(SKSizeI size) => new(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);

    private static void Check(SKCodecResult result)
    {
        if (result == SKCodecResult.IncompleteInput) throw new BadImageException("is truncated");
        if (result != SKCodecResult.Success) throw new BadImageException($"is corrupt ({result})");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        codec?.Dispose();
        data.Dispose();
        pin.Dispose();
    }
}
