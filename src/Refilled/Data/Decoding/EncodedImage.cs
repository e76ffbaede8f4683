using System.Globalization;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>An image file in memory, opened: its size is known, and its pixels can be had.</summary>
internal abstract class EncodedImage : IDisposable
{
    /// <summary>The size that its pixels are stored in.</summary>
    public abstract SKSizeI Size { get; }

    /// <summary>Where the upright image's first pixel is among those that are stored.</summary>
    public abstract SKEncodedOrigin Origin { get; }

    /// <summary>Whether every alpha is known to be 255.</summary>
    public abstract bool Opaque { get; }

    /// <summary>Smaller sizes that it can be decoded at for less work, the smallest first.</summary>
    public virtual IEnumerable<SKSizeI> SmallerSizes => [];

    /// <summary>The shape of the whole image, upright.</summary>
    public ImageShape Shape => Upright.Shape(Size.Height, Size.Width, Origin);

    /// <summary>Opens a file by what is in it, whatever its name says. It is read where it lies.</summary>
    /// <exception cref="BadImageException">It is no image that can be read; the message says why.</exception>
    public static EncodedImage Open(byte[] content) =>
        content.Length == 0 ? throw new BadImageException("is empty")
            : TiffTags.Begin(content) ? TiffImage.Open(content) : new SkiaImage(content);

    /// <summary>Decodes it.</summary>
    /// <param name="size">Its own size or one of the smaller ones.</param>
    /// <param name="target">Receives red, green, blue and alpha of each pixel; colours aren't multiplied by alpha.</param>
    /// <exception cref="BadImageException">It is damaged; the message says how.</exception>
    public abstract void Read(SKSizeI size, Span<byte> target);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Refuses it where it has more pixels than that.</summary>
    /// <exception cref="BadImageException">It has.</exception>
    public void CheckSize(long most) => CheckSize(Size.Width, Size.Height, most);

    /// <summary>Refuses absurd sizes before anything of that size is allocated.</summary>
    /// <exception cref="BadImageException">It is empty or too large.</exception>
    protected static void CheckSize(long width, long height, long most = ImageDecoder.MostPixels)
    {
        if (width < 1 || height < 1 || width > most / height)
            throw new BadImageException(string.Create(CultureInfo.InvariantCulture,
                $"declares {width}×{height} pixels; at most {most / 1e6:0.##} million are read"));
    }
}
