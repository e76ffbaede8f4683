namespace Refilled.Cli.Bench;

/// <summary>How fast one part of the way from files to batches is on this machine.</summary>
/// <param name="Name">Which part; see <see cref="SourceBench"/>.</param>
/// <param name="ImagesPerSecond">Images in a second: the median of the repetitions.</param>
public sealed record SourceRate(string Name, double ImagesPerSecond);
