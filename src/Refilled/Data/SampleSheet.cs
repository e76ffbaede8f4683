using Refilled.Data.Views;
using Refilled.Files;
using SkiaSharp;

namespace Refilled.Data;

/// <summary>A picture of a set: a row for each class, its name and some of its images.</summary>
internal static class SampleSheet
{
    private const int NameWidth = 150, Gap = 3, Edge = 10;

    /// <summary>Smallest side that an image is shown with; smaller images are enlarged by a whole factor.</summary>
    private const int LeastSide = 64;

    /// <summary>Writes the picture as PNG, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="set">The images, shown in the evaluation view.</param>
    /// <param name="classes">Rows at most: the first classes. Default 20.</param>
    /// <param name="perClass">Images in a row, the first of each class, their views counted. Default 12.</param>
    /// <param name="views">Training views that are shown behind each image. Default none.</param>
    /// <exception cref="InputException">The file can't be written.</exception>
    public static void Save(string path, ImageSet set, int classes = 20, int perClass = 12, int views = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        var shape = set.Store.ViewShape;
        var zoom = Math.Max(1, (LeastSide + shape.Height - 1) / shape.Height);
        var (width, height) = (shape.Width * zoom, shape.Height * zoom);
        var rows = Math.Min(classes, set.Classes);
        var positions = Enumerable.Range(0, set.Count).ToLookup(i => set.Labels[i]);
        var own = Math.Max(1, perClass / (1 + views));
        var columns = (1 + views) * Math.Max(1, Enumerable.Range(0, rows).Max(c => Math.Min(own, positions[c].Count())));

        using var surface = SKSurface.Create(
            new SKImageInfo(2 * Edge + NameWidth + columns * (width + Gap), 2 * Edge + rows * (height + Gap)));
        using var font = new SKFont(Typeface.Value, 13);
        using var ink = new SKPaint { Color = new SKColor(0x22, 0x22, 0x22), IsAntialias = true };
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        for (var row = 0; row < rows; row++)
        {
            var top = Edge + row * (height + Gap);
            canvas.DrawText(Fit(set.ClassNames[row], font), Edge, top + height / 2f + 5, SKTextAlign.Left, font, ink);
            var left = Edge + NameWidth;
            foreach (var (position, number) in from position in positions[row].Take(own)
                from number in Enumerable.Range(View.Evaluation, 1 + views) select (position, number))
            {
                var mixes = set.Mixing is not null && number != View.Evaluation;
                using var image = Image(set, new View(0, set.SampleIds[position], mixes ? View.MixedOf(number) : number));
                canvas.DrawImage(image, new SKRect(left, top, left + width, top + height), new SKSamplingOptions(SKFilterMode.Nearest));
                left += width + Gap;
            }
        }
        using var snapshot = surface.Snapshot();
        using var png = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        Disk.Try(() => AtomicFile.Write(path, png.AsStream().CopyTo),
            e => new InputException($"The sample sheet '{path}' can't be written: {e.Message}", e));
    }

    private static Lazy<SKTypeface> Typeface { get; } = new(() =>
    {
        using var resource = typeof(SampleSheet).Assembly.GetManifestResourceStream("Inter-Regular.ttf")!;
        return SKTypeface.FromStream(resource);
    });

    private static SKImage Image(ImageSet set, View view)
    {
        var (channels, height, width) = set.Store.ViewShape;
        var planes = new byte[set.Store.ViewShape.Bytes];
        set.Draw(view, planes);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var at = 0; at < height * width; at++)
        {
            for (var c = 0; c < 3; c++) pixels[4 * at + c] = planes[Math.Min(c, channels - 1) * height * width + at];
            pixels[4 * at + 3] = 255;
        }
        return SKImage.FromBitmap(bitmap);
    }

    /// <summary>The name, shortened to its column.</summary>
    private static string Fit(string name, SKFont font)
    {
        if (font.MeasureText(name) <= NameWidth - 8) return name;
        while (name.Length > 1 && font.MeasureText(name + "…") > NameWidth - 8) name = name[..^1];
        return name + "…";
    }
}
