using BitMiracle.LibTiff.Classic;
using SkiaSharp;

namespace Refilled.Data.Decoding;

/// <summary>The first page of a TIFF file.</summary>
/// <remarks>Whatever the library throws of a damaged file makes it a bad one.</remarks>
internal sealed class TiffImage : EncodedImage
{
    private readonly Tiff tiff;
    private readonly Orientation orientation;

    private TiffImage(byte[] content)
    {
        Size = CheckedSize(content);
        tiff = Try(() => Tiff.ClientOpen("", "r", new MemoryStream(content, writable: false), new TiffStream()))
            ?? throw new BadImageException("is a TIFF that is truncated or corrupt");
        orientation = Try(() => (Orientation)tiff.GetFieldDefaulted(TiffTag.ORIENTATION)[0].ToInt());
        var (read, why) = Try(() => (tiff.RGBAImageOK(out var reason), reason));
        if (!read) throw new BadImageException($"is a TIFF of a kind that isn't read here ({why}); convert it to PNG");
    }

    /// <inheritdoc/>
    public override SKSizeI Size { get; }

    /// <summary>Opens a file that begins as one.</summary>
    /// <exception cref="BadImageException">It can't be read; the message says why.</exception>
    public static new EncodedImage Open(byte[] content) => new TiffImage(content);

    /// <inheritdoc/>
    /// <remarks>Skia's numbers are those of the tag.</remarks>
    public override SKEncodedOrigin Origin => (SKEncodedOrigin)orientation;

    /// <inheritdoc/>
    /// <remarks>What is transparent is laid on white at once.</remarks>
    public override bool Opaque => true;

    /// <inheritdoc/>
    public override void Read(SKSizeI size, Span<byte> target)
    {
        // The library turns by halves alone; asked for the file's own orientation it leaves the pixels as they are stored.
        var raster = new int[size.Width * size.Height];
        if (!Try(() => tiff.ReadRGBAImageOriented(size.Width, size.Height, raster, orientation, stopOnError: true)))
            throw new BadImageException("is a TIFF that is truncated or corrupt");
        for (var i = 0; i < raster.Length; i++)
        {
            // The library multiplies colours by their alpha.
            var (pixel, white) = ((uint)raster[i], 255 - ((uint)raster[i] >> 24));
            for (var c = 0; c < 3; c++) target[4 * i + c] = (byte)Math.Min(255, (pixel >> (8 * c) & 255) + white);
            target[4 * i + 3] = 255;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => tiff.Dispose();

    /// <summary>The page's size, after a look at all that the library would take memory for unasked.</summary>
    private static SKSizeI CheckedSize(byte[] content)
    {
        var tags = TiffTags.Read(content) ?? throw new BadImageException("is a TIFF that is truncated or corrupt");
        var (width, height) = (tags[TiffTags.ImageWidth] ?? 0, tags[TiffTags.ImageLength] ?? 0);
        CheckSize(width, height);
        var (across, down) = tags[TiffTags.TileWidth] is { } tileWidth
            ? (tileWidth, tags[TiffTags.TileLength] ?? 0)
            : (width, Math.Min(tags[TiffTags.RowsPerStrip] ?? height, height));
        CheckSize(across, down);
        var (samples, bits) = (tags[TiffTags.SamplesPerPixel] ?? 1, tags[TiffTags.BitsPerSample] ?? 1);
        var blocks = ((width + across - 1) / across) * ((height + down - 1) / down);
        // Each block takes a byte at least, and its place four.
        if (samples > MostSamples || bits > 64 || across * down * samples * bits / 8 > MostBytes || blocks > content.Length / 5)
            throw new BadImageException("is a TIFF that is truncated or corrupt");
        return new SKSizeI((int)width, (int)height);
    }

    /// <summary>Samples of a pixel: the library reads four, and others may lie beside them.</summary>
    private const int MostSamples = 32;

    /// <summary>Bytes of a strip or tile, of which the library holds up to four at once in an array.</summary>
    private const long MostBytes = 1L << 29;

    private static T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
#pragma warning disable CA1031 // Damage makes the library throw whatever its reading led to.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new BadImageException($"is a TIFF that is truncated or corrupt ({e.GetType().Name})");
        }
    }
}
