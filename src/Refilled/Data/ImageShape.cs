namespace Refilled.Data;

/// <summary>The shape of an image, planar <c>[C, H, W]</c>.</summary>
/// <param name="Channels">C.</param>
/// <param name="Height">H, in pixels.</param>
/// <param name="Width">W, in pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Bytes of an image of this shape: C·H·W.</summary>
    public int Bytes => checked(Channels * Height * Width);
}
