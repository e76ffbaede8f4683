using Refilled.Data.Views;
using Refilled.Files;
using SkiaSharp;

namespace Refilled.Data;

/// <summary>A picture of rows of images, each row behind its name.</summary>
internal sealed class PictureSheet : IDisposable
{
    private const int NameWidth = 150, Edge = 10, Stroke = 3;

    /// <summary>Smallest side that an image is shown with; smaller images are enlarged by a whole factor.</summary>
    private const int LeastSide = 64;

    // Blue and vermilion of Okabe and Ito, which the colour-blind can tell apart; what is wrong has a cross, too.
    private static readonly SKColor RightColour = new(0x00, 0x72, 0xB2), WrongColour = new(0xD5, 0x5E, 0x00);

    private readonly int width, height, gap;
    private readonly SKSurface surface;
    private readonly SKFont font = new(Typeface.Value, 13);
    private readonly SKPaint ink = new() { Color = new SKColor(0x22, 0x22, 0x22), IsAntialias = true };

    /// <inheritdoc cref="PictureSheet"/>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Images in a row.</param>
    /// <param name="gap">Pixels between two images. Default 3; frames need 10.</param>
    public PictureSheet(ImageShape shape, int rows, int columns, int gap = 3)
    {
        var zoom = Math.Max(1, (LeastSide + shape.Height - 1) / shape.Height);
        (width, height, this.gap) = (shape.Width * zoom, shape.Height * zoom, gap);
        surface = SKSurface.Create(new SKImageInfo(2 * Edge + NameWidth + columns * (width + gap), 2 * Edge + rows * (height + gap)));
        surface.Canvas.Clear(SKColors.White);
    }

    /// <summary>Writes a row's name, shortened to its column.</summary>
    public void Name(int row, string name)
    {
        if (font.MeasureText(name) > NameWidth - 8)
        {
            while (name.Length > 1 && font.MeasureText(name + "…") > NameWidth - 8) name = name[..^1];
            name += "…";
        }
        surface.Canvas.DrawText(name, Edge, Edge + row * (height + gap) + height / 2f + 5, SKTextAlign.Left, font, ink);
    }

    /// <summary>Draws a view of an image.</summary>
    public void Draw(int row, int column, ImageSet set, View view)
    {
        var planes = new byte[set.Store.ViewShape.Bytes];
        set.Draw(view, planes);
        using var bitmap = Bitmap(set.Store.ViewShape, planes);
        using var image = SKImage.FromBitmap(bitmap);
        surface.Canvas.DrawImage(image, Cell(row, column), new SKSamplingOptions(SKFilterMode.Nearest));
    }

    /// <summary>An image by itself, as a PNG file.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="planes">Its pixels, planar.</param>
    public static byte[] Png(ImageShape shape, ReadOnlySpan<byte> planes)
    {
        using var bitmap = Bitmap(shape, planes);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static SKBitmap Bitmap(ImageShape shape, ReadOnlySpan<byte> planes)
    {
        var (channels, rows, columns) = shape;
        var bitmap = new SKBitmap(new SKImageInfo(columns, rows, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var at = 0; at < rows * columns; at++)
        {
            for (var c = 0; c < 3; c++) pixels[4 * at + c] = planes[Math.Min(c, channels - 1) * rows * columns + at];
            pixels[4 * at + 3] = 255;
        }
        return bitmap;
    }

    /// <summary>Frames an image as right or wrong.</summary>
    public void Frame(int row, int column, bool right)
    {
        using var pen = new SKPaint
            { Color = right ? RightColour : WrongColour, Style = SKPaintStyle.Stroke, StrokeWidth = Stroke, IsAntialias = true };
        var cell = Cell(row, column);
        surface.Canvas.DrawRect(SKRect.Inflate(cell, Stroke / 2f, Stroke / 2f), pen);
        if (right) return;
        var (end, size) = (cell.Right - 4, cell.Width / 8);
        surface.Canvas.DrawLine(end - size, cell.Top + 4, end, cell.Top + 4 + size, pen);
        surface.Canvas.DrawLine(end - size, cell.Top + 4 + size, end, cell.Top + 4, pen);
    }

    /// <summary>Writes the picture as PNG, atomically.</summary>
    /// <exception cref="InputException">The file can't be written.</exception>
    public void Save(string path)
    {
        var png = Png();
        Disk.Try(() => AtomicFile.Write(path, stream => stream.Write(png)),
            e => new InputException($"The picture '{path}' can't be written: {e.Message}", e));
    }

    /// <summary>The picture as a PNG file.</summary>
    public byte[] Png()
    {
        using var snapshot = surface.Snapshot();
        using var png = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        surface.Dispose();
        font.Dispose();
        ink.Dispose();
    }

    /// <summary>The one font of all pictures.</summary>
    internal static Lazy<SKTypeface> Typeface { get; } = new(() =>
    {
        using var resource = typeof(PictureSheet).Assembly.GetManifestResourceStream("Inter-Regular.ttf")!;
        return SKTypeface.FromStream(resource);
    });

    private SKRect Cell(int row, int column) =>
        SKRect.Create(Edge + NameWidth + column * (width + gap), Edge + row * (height + gap), width, height);
}
