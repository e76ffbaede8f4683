namespace Refilled.Data.Decoding;

/// <summary>Stands for the library's reader of TIFF files, which needs one more package.</summary>
internal static class TiffImage
{
    /// <exception cref="BadImageException">Always.</exception>
    public static EncodedImage Open(byte[] _) => throw new BadImageException("is TIFF, which isn't read here; convert it to PNG");
}
