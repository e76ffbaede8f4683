using Refilled.Networks;

namespace Refilled.Cli.Bench;

/// <summary>What <see cref="StepBench"/> measures.</summary>
public sealed record StepBenchOptions
{
    /// <summary>The teacher's network. Default wrn-40-2 (REFILLED).</summary>
    public string Teacher { get; init; } = "wrn-40-2";

    /// <summary>The student's network. Default wrn-16-1 (REFILLED).</summary>
    public string Student { get; init; } = "wrn-16-1";

    /// <summary>Images in a step. Default 128.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>Number of classes. Default 50.</summary>
    public int Classes { get; init; } = 50;

    /// <summary>Height and width of the images in pixels. Default 32.</summary>
    public int ImageSize { get; init; } = 32;

    /// <summary>Rounds; each does one step of every kind, so that whatever else the machine does hits all alike. Default 30.</summary>
    public int Rounds { get; init; } = 30;

    /// <summary>After so long no further round begins, once there are five. Default: all rounds are done.</summary>
    public TimeSpan? Enough { get; init; }

    /// <summary>The number formats. Default both.</summary>
    public IReadOnlyList<Precision> Precisions { get; init; } = [Precision.Bf16, Precision.Fp32];

    /// <summary>The layouts. Default both.</summary>
    public IReadOnlyList<Layout> Layouts { get; init; } = [Layout.ChannelsLast, Layout.Nchw];

    /// <summary>The device. Default cpu.</summary>
    public string Device { get; init; } = "cpu";
}
