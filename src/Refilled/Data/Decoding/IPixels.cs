namespace Refilled.Data.Decoding;

/// <summary>The bytes of some images, wherever they lie. Reading is safe from any thread.</summary>
internal interface IPixels
{
    /// <summary>Number of images.</summary>
    long Count { get; }

    /// <summary>Bytes of all images.</summary>
    long Bytes { get; }

    /// <summary>The bytes of an image, where they lie.</summary>
    /// <remarks>To be used only while this object is referenced, for which <see cref="GC.KeepAlive"/> must follow the last
    /// use.</remarks>
    ReadOnlySpan<byte> Borrow(long id);

    /// <summary>The bytes of an image, good for as long as anyone wants.</summary>
    ReadOnlySpan<byte> Read(long id);
}

/// <summary>Images in managed memory, an array for each.</summary>
internal sealed class ArrayPixels(byte[][] images) : IPixels
{
    public long Count => images.LongLength;

    public long Bytes => images.Sum(image => (long)image.Length);

    public ReadOnlySpan<byte> Borrow(long id) => images[id];

    public ReadOnlySpan<byte> Read(long id) => images[id];

    /// <summary>An image, to be filled.</summary>
    public Span<byte> Write(long id) => images[id];
}
