namespace Refilled.Cli.Bench;

/// <summary>How long and on what <see cref="SourceBench"/> measures.</summary>
public sealed record SourceBenchOptions
{
    /// <summary>Time for each row, all repetitions together. Default 2 s.</summary>
    public TimeSpan PerRow { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Repetitions of each row; the median is reported. Default 5.</summary>
    public int Repetitions { get; init; } = 5;

    /// <summary>Data of one's own to measure as well, such as "folder:path"; null measures made-up images alone.</summary>
    public string? Data { get; init; }

    /// <summary>How <see cref="Data"/> is to be read.</summary>
    public Data.DataOptions? DataOptions { get; init; }
}
