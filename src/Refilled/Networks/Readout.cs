namespace Refilled.Networks;

/// <summary>How a network's last feature map <c>[B, c, h, w]</c> becomes its embedding.</summary>
public enum Readout
{
    /// <summary>The largest number of each channel: <c>[B, c]</c>, whatever the size of the images.</summary>
    MaxPooled,

    /// <summary>All numbers, channel by channel: <c>[B, c·h·w]</c>, so that the size follows that of the images.</summary>
    Flattened,
}
