using System.Runtime.InteropServices;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;

namespace Refilled.Cli.Bench;

/// <summary>Images of noise: speed doesn't depend on what is on them.</summary>
internal static class MadeUpSet
{
    /// <summary>Square images, of which views are padded crops.</summary>
    /// <param name="count">Number of images; image i has class i mod <paramref name="classes"/>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="side">Height and width in pixels.</param>
    public static ImageSet Create(int count, int classes, int side)
    {
        var shape = new ImageShape(3, side, side);
        return Create(count, classes, shape, shape, new PaddedCrop());
    }

    /// <param name="count">Number of images; image i has class i mod <paramref name="classes"/>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="view">Shape of their views.</param>
    /// <param name="policy">How views are drawn.</param>
    public static ImageSet Create(int count, int classes, ImageShape shape, ImageShape view, ViewPolicy policy)
    {
        var images = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            images[i] = new byte[shape.Bytes];
            var words = MemoryMarshal.Cast<byte, ulong>(images[i].AsSpan());
            for (var w = 0; w < words.Length; w++) words[w] = SeedMix.Bits(i, SeedStream.Individual, w);
        }
        var store = new ImageStore(new ArrayPixels(images), [.. Enumerable.Repeat(shape, count)], view, policy);
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => i % classes)], [.. Enumerable.Range(0, classes).Select(c => $"class {c}")]);
    }
}
