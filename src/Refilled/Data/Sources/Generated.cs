using Refilled.Data.Creatures;
using Refilled.Data.Decoding;
using Refilled.Data.Views;

namespace Refilled.Data.Sources;

/// <summary>A world of made-up creatures: fine-grained categories that share traits, every picture a function of the
/// seed.</summary>
/// <remarks>Genera are the groups of classes.</remarks>
internal static class Generated
{
    private const int DefaultSize = 32;

    /// <exception cref="InputException">The specification can't be read.</exception>
    public static Dataset Load(string text, DataOptions options, CancellationToken cancel)
    {
        var spec = Spec.Parse(text);
        var side = options.ImageSize ?? DefaultSize;
        var all = Species.Of(spec.Seed, spec.Classes);
        var (genera, names) = CreatureNames.Of(spec.Seed, all);
        var perClass = spec.Train + spec.Test;
        var (shape, images) = (new ImageShape(3, side, side), new byte[spec.Classes * perClass][]);
        // Their memory is taken here, too: that of a large world takes longer than a user waits who stops it.
        Parallel.For(0, images.Length, new ParallelOptions { CancellationToken = cancel }, id =>
        {
            var pixels = new byte[shape.Bytes];
            Scene.Draw(spec.Seed, id / perClass, all[id / perClass], id % perClass, side, pixels);
            images[id] = pixels;
        });
        var store = new ImageStore(new ArrayPixels(images), null, shape, new PaddedCrop(Math.Max(1, side / 8)));
        // The first pictures of each class are for training: more of them leave the test pictures as they are if their number is fixed.
        var (train, test) = (Part(store, names, perClass, 0, spec.Train), Part(store, names, perClass, spec.Train, spec.Test));
        return new Dataset("generated", train, test, new ClassGroups(genera, [.. all.Select(one => one.Genus)]),
            DatasetHash.Of(cancel, train, test), [])
        {
            Statistics = ChannelStatistics.Cifar100,
        };
    }

    private static ImageSet Part(ImageStore store, IReadOnlyList<string> names, int perClass, int first, int count)
    {
        var ids = Enumerable.Range(0, names.Count)
            .SelectMany(c => Enumerable.Range(c * perClass + first, count).Select(id => (long)id)).ToList();
        return new ImageSet(store, ids, [.. ids.Select(id => (int)(id / perClass))], names);
    }

    /// <summary>What is generated.</summary>
    /// <param name="Seed">Seed of the world.</param>
    /// <param name="Classes">Number of species.</param>
    /// <param name="Train">Training pictures of each.</param>
    /// <param name="Test">Test pictures of each.</param>
    internal sealed record Spec(int Seed = 0, int Classes = 40, int Train = 200, int Test = 50)
    {
        /// <summary>Reads "seed,classes=40,train=200,test=50"; every part may be missing.</summary>
        /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
        public static Spec Parse(string text)
        {
            var numbers = SpecNumbers.Read("generated", text, "generated[:<seed>][,classes=<n>][,train=<n>][,test=<n>], such as "
                + "generated:1,classes=60 (defaults: seed 0, 40 classes, 200 training and 50 test pictures of each)",
                ("classes", 2, 10_000), ("train", 1, 100_000), ("test", 1, 100_000));
            return new Spec(numbers.GetValueOrDefault(""), numbers.GetValueOrDefault("classes", 40),
                numbers.GetValueOrDefault("train", 200), numbers.GetValueOrDefault("test", 50));
        }
    }
}
