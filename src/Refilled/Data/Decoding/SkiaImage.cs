using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>A JPEG, PNG, WebP, BMP or GIF file.</summary>
internal sealed class SkiaImage : EncodedImage
{
    private static readonly SKEncodedImageFormat[] Formats =
    [
        SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Png, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif,
    ];

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
        codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? Scales.Select(codec.GetScaledDimensions) : [];

    /// <inheritdoc/>
    public override void Read(SKSizeI size, Span<byte> target)
    {
        SKCodecResult result;
        unsafe
        {
            fixed (byte* pixels = target)
                result = codec.GetPixels(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul),
                    (nint)pixels);
        }
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
