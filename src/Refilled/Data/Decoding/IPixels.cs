namespace Refilled.Data.Decoding;

/// <summary>The bytes of some images, wherever they lie. Reading is safe from any thread.</summary>
internal interface IPixels
{
    /// <summary>Number of images.</summary>
    long Count { get; }

    /// <summary>Bytes of all images.</summary>
    long Bytes { get; }

    /// <summary>The bytes of an image, where they lie: to be used only while this object is referenced, for which
    /// <see cref="GC.KeepAlive"/> must follow the last use.</summary>
    ReadOnlySpan<byte> Borrow(long id);

    /// <summary>The bytes of an image, good for as long as anyone wants.</summary>
    ReadOnlySpan<byte> Read(long id);
}
