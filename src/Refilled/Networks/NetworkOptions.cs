namespace Refilled.Networks;

/// <summary>What a network needs to be made, beside its architecture.</summary>
/// <param name="Classes">Number of classes, at least 2.</param>
public sealed record NetworkOptions(int Classes)
{
    /// <summary>What the network sees. Default: 32×32, CIFAR's normalisation.</summary>
    public InputSpec Input { get; init; } = InputSpec.Cifar;

    /// <summary>Number format of the convolutions. Default fp32.</summary>
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>How images and feature maps lie in memory. Default channels-last.</summary>
    public Layout Layout { get; init; } = Layout.ChannelsLast;

    /// <summary>Dropout between the two convolutions of a block. Default 0 (REFILLED's authors: 0.3).</summary>
    public double Dropout { get; init; }

    /// <summary>Seed of the initial weights: the same seed gives the same weights.</summary>
    public long Seed { get; init; }
}

/// <summary>The number format of convolutions. Weights, batch-norm statistics, losses and the optimizer stay in fp32.</summary>
public enum Precision
{
    /// <summary>32-bit floating point throughout.</summary>
    Fp32,

    /// <summary>Convolutions in bfloat16; worth it only with AVX512-BF16, AMX or a GPU.</summary>
    Bf16,
}

/// <summary>How a network keeps images and feature maps in memory. Values agree up to rounding; speed doesn't.</summary>
public enum Layout
{
    /// <summary>The channels of a pixel side by side (NHWC): what bf16 convolutions of processors and GPUs want.</summary>
    ChannelsLast,

    /// <summary>A plane for each channel: the engine's plain layout.</summary>
    Nchw,
}
