namespace Refilled.Networks;

/// <summary>How a network keeps images and feature maps in memory. Values agree up to rounding; speed doesn't.</summary>
public enum Layout
{
    /// <summary>The channels of a pixel side by side (NHWC): what bf16 convolutions of processors and GPUs want.</summary>
    ChannelsLast,

    /// <summary>A plane for each channel: the engine's plain layout.</summary>
    Nchw,
}
