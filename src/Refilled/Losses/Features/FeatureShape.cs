namespace Refilled.Losses.Features;

/// <summary>The size of a feature map <c>[B, Channels, Height, Width]</c>.</summary>
/// <param name="Channels">Channels, c.</param>
/// <param name="Height">Height, h.</param>
/// <param name="Width">Width, w.</param>
public sealed record FeatureShape(int Channels, int Height, int Width);
