using Refilled.Data;

namespace Refilled.Cli.Bench;

/// <summary>Images of noise: speed doesn't depend on what is on them.</summary>
internal static class MadeUpSet
{
    /// <param name="count">Number of images; image i has class i mod <paramref name="classes"/>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="side">Height and width in pixels.</param>
    public static ImageSet Create(int count, int classes, int side = 32)
    {
        var store = ImageStore.Create(count, new ImageShape(3, side, side), (pixels, id) =>
        {
            var random = new SeededRandom(id, SeedStream.View, 0);
            for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.Bits();
        });
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => i % classes)], [.. Enumerable.Range(0, classes).Select(c => $"class {c}")]);
    }
}
