namespace Refilled.Data;

/// <summary>The shape of an image, planar <c>[C, H, W]</c>.</summary>
/// <remarks>Refilled.Deploy is built of this file, too, and keeps the type to itself: who uses both packages meets one.</remarks>
/// <param name="Channels">C.</param>
/// <param name="Height">H, in pixels.</param>
/// <param name="Width">W, in pixels.</param>
#if REFILLED_DEPLOY
internal
#else
public
#endif
readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Bytes of an image of this shape: C·H·W.</summary>
    public int Bytes => checked(Channels * Height * Width);
}
