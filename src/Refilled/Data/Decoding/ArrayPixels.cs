namespace Refilled.Data.Decoding;

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
