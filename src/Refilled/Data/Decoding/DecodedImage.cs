namespace Refilled.Data.Decoding;

/// <summary>An image as it was decoded.</summary>
/// <param name="pixels">Planar; in the decoder's memory, until it decodes the next.</param>
/// <param name="shape">Their shape.</param>
/// <param name="original">The shape that the image had, upright.</param>
internal readonly ref struct DecodedImage(ReadOnlySpan<byte> pixels, ImageShape shape, ImageShape original)
{
    public ReadOnlySpan<byte> Pixels { get; } = pixels;

    public ImageShape Shape { get; } = shape;

    public ImageShape Original { get; } = original;
}
