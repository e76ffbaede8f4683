using Refilled.Data;
using Refilled.Data.Views;
using SkiaSharp;

namespace Refilled.Reports.Html;

/// <summary>Images of a set for a page: in the evaluation view, as parts of the page itself.</summary>
internal static class Pictures
{
    private const int Quality = 88;

    /// <summary>An image with its words.</summary>
    /// <param name="set">The set.</param>
    /// <param name="position">Which of its images.</param>
    /// <param name="words">What it is, for those who can't see it.</param>
    public static Markup Of(ImageSet set, int position, string words) =>
        Markup.Of($"<img alt=\"{words}\" src=\"{Uri(set, position)}\">");

    /// <summary>Small pictures of some images in one, row after row.</summary>
    /// <param name="set">The set.</param>
    /// <param name="positions">Which images.</param>
    /// <param name="side">Pixels of each.</param>
    /// <param name="columns">Images in a row.</param>
    public static string Sprite(ImageSet set, IReadOnlyList<int> positions, int side, int columns) =>
        DataUri("jpeg", Joined(set, positions, side, columns));

    /// <summary>The same as a JPEG file.</summary>
    /// <inheritdoc cref="Sprite"/>
    public static byte[] Joined(ImageSet set, IReadOnlyList<int> positions, int side, int columns)
    {
        using var surface = SKSurface.Create(new SKImageInfo(columns * side, (positions.Count + columns - 1) / columns * side));
        foreach (var (i, position) in positions.Index())
        {
            using var image = SKImage.FromEncodedData(PictureSheet.Png(set.Store.ViewShape, Planes(set, position)));
            surface.Canvas.DrawImage(image, SKRect.Create(i % columns * side, i / columns * side, side, side),
                new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        }
        using var all = surface.Snapshot();
        using var packed = all.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return packed.ToArray();
    }

    /// <summary>An image as an address that holds it: PNG or JPEG, whichever is smaller.</summary>
    public static string Uri(ImageSet set, int position)
    {
        var png = PictureSheet.Png(set.Store.ViewShape, Planes(set, position));
        using var image = SKImage.FromEncodedData(png);
        using var packed = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return packed.Size < png.Length ? DataUri("jpeg", packed.ToArray()) : DataUri("png", png);
    }

    private static byte[] Planes(ImageSet set, int position)
    {
        var planes = new byte[set.Store.ViewShape.Bytes];
        set.Store.Draw(new View(0, set.SampleIds[position], View.Evaluation), planes);
        return planes;
    }

    private static string DataUri(string kind, byte[] file) => $"data:image/{kind};base64,{Convert.ToBase64String(file)}";
}
