using Refilled.Data;

namespace Refilled.Fitting;

/// <summary>Tells drawings and writing from photographs.</summary>
internal static class Drawings
{
    private const int Looked = 64;

    /// <summary>Furthest that channels of a grey pixel differ, and that ink and paper differ from the darkest and the lightest.</summary>
    private const int Slack = 40;

    /// <summary>Whether some of the images have no colour, and nothing between ink and paper but edges.</summary>
    public static bool Are(ImageSet images) =>
        Evenly.Places(images.Count, Looked).All(i => IsOne(images.Store, images.SampleIds[i]));

    private static bool IsOne(ImageStore store, long id)
    {
        var pixels = store[id];
        var shape = store.ShapeOf(id);
        var plane = shape.Height * shape.Width;
        var (least, most) = (byte.MaxValue, byte.MinValue);
        foreach (var value in pixels)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        var between = 0;
        for (var p = 0; p < plane; p++)
        {
            for (var c = 1; c < shape.Channels; c++)
                if (Math.Abs(pixels[p] - pixels[c * plane + p]) > Slack / 4) return false;
            if (pixels[p] - least > Slack && most - pixels[p] > Slack) between++;
        }
        return most - least > 4 * Slack && between < plane / 4;
    }
}
