using Refilled.Data.Creatures;
using SkiaSharp;

namespace Refilled.Cli.Bench;

/// <summary>Pictures of generated creatures as JPEG files in memory: as hard to decode as photographs, and always the same.</summary>
internal static class MadeUpJpegs
{
    private const int Quality = 90, Species = 40;

    /// <param name="count">How many.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels, at most the width: the middle of a square picture.</param>
    public static byte[][] Make(int count, int width, int height)
    {
        var species = Data.Creatures.Species.Of(seed: 0, Species);
        var files = new byte[count][];
        Parallel.For(0, count, i =>
        {
            var planes = new byte[3 * width * width];
            Scene.Draw(0, i % Species, species[i % Species], i / Species, width, planes);
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            var pixels = bitmap.GetPixelSpan();
            var from = (width - height) / 2 * width;
            for (var at = 0; at < width * height; at++)
            {
                for (var c = 0; c < 3; c++) pixels[4 * at + c] = planes[c * width * width + from + at];
                pixels[4 * at + 3] = 255;
            }
            using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
            files[i] = data.ToArray();
        });
        return files;
    }
}
