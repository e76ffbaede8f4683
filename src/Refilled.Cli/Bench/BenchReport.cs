namespace Refilled.Cli.Bench;

/// <summary>Everything that <c>refilled bench</c> measured; parts that were not asked for are empty.</summary>
public sealed record BenchReport
{
    /// <summary>Processor and threads.</summary>
    public required string Machine { get; init; }

    /// <summary>The teacher's network.</summary>
    public required string Teacher { get; init; }

    /// <summary>The student's network.</summary>
    public required string Student { get; init; }

    /// <summary>Images in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Training steps.</summary>
    public IReadOnlyList<StepTiming> Steps { get; init; } = [];

    /// <summary>Whole epochs, plain and fast.</summary>
    public IReadOnlyList<EpochTiming> Epochs { get; init; } = [];

    /// <summary>Steps of the first stage against the batch size.</summary>
    public IReadOnlyList<ScalingTiming> Scaling { get; init; } = [];

    /// <summary>Alignment losses against the batch size.</summary>
    public IReadOnlyList<MiningTiming> Mining { get; init; } = [];

    /// <summary>Sources of images.</summary>
    public IReadOnlyList<SourceRate> Sources { get; init; } = [];

    /// <summary>Most resident memory of the process, in MiB; null where the system doesn't tell.</summary>
    public double? PeakMiB { get; init; }
}
