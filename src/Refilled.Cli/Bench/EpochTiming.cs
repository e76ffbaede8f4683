namespace Refilled.Cli.Bench;

/// <summary>A whole epoch of distillation, done plainly and as well as we can.</summary>
/// <param name="Stage">"stage1" or "stage2".</param>
/// <param name="Images">Images in the epoch.</param>
/// <param name="PlainSeconds">Median with the teacher run on every batch, in fp32 and NCHW, batches drawn in between.</param>
/// <param name="FastSeconds">Median with the cache full, in the fast precision, channels-last, batches drawn ahead.</param>
/// <param name="Ratio">Median of plain / fast over the pairs.</param>
/// <param name="FillSeconds">Filling one view of the cache, once for all epochs, methods and seeds.</param>
public sealed record EpochTiming(string Stage, int Images, double PlainSeconds, double FastSeconds, double Ratio, double FillSeconds);
