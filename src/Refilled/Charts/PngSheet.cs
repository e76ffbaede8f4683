using Refilled.Data;
using Refilled.Files;
using SkiaSharp;

namespace Refilled.Charts;

/// <summary>Paints a <see cref="Sheet"/> as PNG, in the colours of light paper and twice as large as it says.</summary>
internal static class PngSheet
{
    private const int Zoom = 2;

    /// <summary>The file's bytes.</summary>
    public static byte[] Bytes(Sheet sheet)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)(Zoom * sheet.Width), (int)(Zoom * sheet.Height)));
        var canvas = surface.Canvas;
        canvas.Clear(Colour(Ink.Paper));
        canvas.Scale(Zoom);
        foreach (var mark in sheet.Marks) Paint(canvas, mark);
        using var snapshot = surface.Snapshot();
        using var png = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <summary>Writes the file, atomically.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Save(string path, Sheet sheet) => Disk.Try(() => AtomicFile.Write(path, stream => stream.Write(Bytes(sheet))),
        e => new InputException($"The picture '{path}' can't be written: {e.Message}", e));

    private static void Paint(SKCanvas canvas, Mark mark)
    {
        using var paint = new SKPaint { IsAntialias = true };
        switch (mark)
        {
            case Stroke stroke:
                (paint.Color, paint.Style, paint.StrokeWidth) = (Colour(stroke.Ink), SKPaintStyle.Stroke, (float)stroke.Width);
                paint.StrokeJoin = SKStrokeJoin.Round;
                var dashes = Outline.Of(stroke.Dash).Select(length => (float)length).ToArray();
                using (var effect = dashes.Length > 0 ? SKPathEffect.CreateDash(dashes, 0) : null)
                {
                    paint.PathEffect = effect;
                    Draw(stroke.Points, closed: false);
                }
                break;
            case Area area:
                paint.Color = Colour(area.Ink).WithAlpha((byte)Math.Round(255 * area.Opacity));
                Draw(area.Points, closed: true);
                break;
            case Dot dot:
                paint.Color = Colour(dot.Ink);
                if (dot.Shape == Shape.Circle) canvas.DrawCircle((float)dot.X, (float)dot.Y, (float)dot.Radius, paint);
                else Draw(Outline.Of(dot), closed: true);
                break;
            case Words words:
                paint.Color = Colour(words.Ink);
                using (var font = new SKFont(PictureSheet.Typeface.Value, (float)words.Size)
                    { Subpixel = true, Hinting = SKFontHinting.None })
                {
                    var align = words.Anchor switch { Anchor.Middle => SKTextAlign.Center, Anchor.End => SKTextAlign.Right,
                        _ => SKTextAlign.Left };
                    canvas.Save();
                    canvas.Translate((float)words.X, (float)words.Y);
                    if (words.Upward) canvas.RotateDegrees(-90);
                    canvas.DrawText(words.Text, 0, 0, align, font, paint);
                    canvas.Restore();
                }
                break;
            case Thumbnail thumbnail:
                using (var image = SKImage.FromEncodedData(thumbnail.Png))
                    canvas.DrawImage(image, SKRect.Create((float)thumbnail.X, (float)thumbnail.Y, (float)thumbnail.Width,
                        (float)thumbnail.Height), new SKSamplingOptions(SKFilterMode.Nearest));
                break;
            default:
                throw new InvalidOperationException($"No such mark: {mark}.");
        }

        void Draw(IReadOnlyList<(double X, double Y)> points, bool closed)
        {
            using var path = new SKPathBuilder();
            path.AddPoly([.. points.Select(point => new SKPoint((float)point.X, (float)point.Y))], closed);
            using var made = path.Detach();
            canvas.DrawPath(made, paint);
        }
    }

    private static SKColor Colour(Ink ink) => SKColor.Parse(Palette.Colour(ink, dark: false));
}
