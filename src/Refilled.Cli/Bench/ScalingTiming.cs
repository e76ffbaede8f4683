namespace Refilled.Cli.Bench;

/// <summary>A step of the first stage at some batch size, teacher cached, in the fast precision.</summary>
/// <param name="Batch">Images, B.</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="Exponent">log(ms / ms of the smallest batch) / log(B / smallest B); null at the smallest.</param>
public sealed record ScalingTiming(int Batch, double Ms, double? Exponent);
