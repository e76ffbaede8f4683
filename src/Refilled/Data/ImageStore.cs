using System.Buffers;

namespace Refilled.Data;

/// <summary>The decoded pixels of one whole source: uint8, planar <c>[N, C, H, W]</c>. Reading is safe from any thread.</summary>
public sealed class ImageStore
{
    /// <summary>Images are kept in blocks, because one array can't hold more than 2 GiB.</summary>
    private const int BlockBytes = 1 << 28;

    private readonly byte[][] blocks;
    private readonly int perBlock;

    /// <summary>Makes a store of black images, to be filled through <see cref="Write"/>.</summary>
    internal ImageStore(long count, int channels, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Count, Channels, Height, Width) = (count, channels, height, width);
        ImageBytes = checked(channels * height * width);
        perBlock = Math.Max(1, BlockBytes / ImageBytes);
        blocks = new byte[(count + perBlock - 1) / perBlock][];
        for (long i = 0; i < blocks.Length; i++) blocks[i] = new byte[Math.Min(perBlock, count - i * perBlock) * ImageBytes];
    }

    /// <summary>Makes a store and fills it, image by image.</summary>
    /// <param name="count">Number of images, N.</param>
    /// <param name="channels">Channels, C.</param>
    /// <param name="height">Height in pixels, H.</param>
    /// <param name="width">Width in pixels, W.</param>
    /// <param name="fill">Writes the pixels, planar <c>[C, H, W]</c>, of the image with the given id; they are 0 before.</param>
    public static ImageStore Create(long count, int channels, int height, int width, SpanAction<byte, long> fill)
    {
        var store = new ImageStore(count, channels, height, width);
        for (long id = 0; id < count; id++) fill(store.Write(id), id);
        return store;
    }

    /// <summary>Number of images.</summary>
    public long Count { get; }

    /// <summary>Channels of each image.</summary>
    public int Channels { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Bytes of one image, C·H·W.</summary>
    public int ImageBytes { get; }

    /// <summary>The pixels of an image, planar <c>[C, H, W]</c>.</summary>
    public ReadOnlySpan<byte> this[long id] => Write(id);

    /// <summary>The pixels of an image, to be filled by its source.</summary>
    internal Span<byte> Write(long id) => blocks[id / perBlock].AsSpan((int)(id % perBlock) * ImageBytes, ImageBytes);
}
