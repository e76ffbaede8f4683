using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Experiments;

namespace Refilled.Tests.Support;

/// <summary>Small sets of images with known bytes.</summary>
internal static class MadeUpImages
{
    /// <summary>Images of random bytes; image i has class i mod classes.</summary>
    public static ImageSet Set(int count, int classes, int size = 8, int channels = 3, ViewPolicy? policy = null)
    {
        var store = new ImageStore(count, new ImageShape(channels, size, size), policy);
        for (var i = 0; i < count; i++)
        {
            var pixels = store.Write(i);
            for (var p = 0; p < pixels.Length; p++) pixels[p] = (byte)(SeedMix.Bits(i, SeedStream.View, p) % 256);
        }
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => i % classes)], [.. Enumerable.Range(0, classes).Select(c => $"class{c}")]);
    }

    /// <summary>Images of classes that can be told apart, though not all of them: every class has its own pattern, and noise of about the
    /// same size lies over it.</summary>
    public static ImageSet Clusters(int classes, int perClass, int size = 4)
    {
        var store = new ImageStore(classes * perClass, new ImageShape(3, size, size));
        for (var i = 0; i < classes * perClass; i++)
        {
            var random = new SeededRandom(i, SeedStream.Individual);
            var pixels = store.Write(i);
            for (var p = 0; p < pixels.Length; p++)
                pixels[p] = (byte)Math.Clamp(128 + 25 * new SeededRandom(i % classes, SeedStream.Species, p).Bell()
                    + 45 * random.Bell(), 0, 255);
        }
        return new ImageSet(store, [.. Enumerable.Range(0, classes * perClass).Select(i => (long)i)],
            [.. Enumerable.Range(0, classes * perClass).Select(i => i % classes)],
            [.. Enumerable.Range(0, classes).Select(c => $"class{c}")]);
    }

    /// <summary>Test images, and nothing else.</summary>
    public static RunImages Ending(ImageSet test) => new(test, test.At([]), test, null) { Others = test.At([]), Rest = test.At([]) };

    public static Dataset Dataset(int classes = 10, int perClass = 4, ClassGroups? groups = null) =>
        new("made-up", Set(classes * perClass, classes), Set(classes, classes), groups, "hash", []);
}
