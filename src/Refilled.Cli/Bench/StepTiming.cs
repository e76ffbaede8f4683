namespace Refilled.Cli.Bench;

/// <summary>How long a training step took.</summary>
/// <param name="What">"student" (bare forward and backward: the floor), "ce", "stage1", "stage2" or "kd".</param>
/// <param name="Precision">"fp32" or "bf16".</param>
/// <param name="Layout">"nchw" or "channels-last".</param>
/// <param name="Teacher">"none", "live" or "cached".</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="MinMs">The fastest step.</param>
/// <param name="MaxMs">The slowest step.</param>
/// <param name="Ratio">Median of the ratios to the floor of the same precision and layout in the same round, or null where it
/// was not measured.</param>
public sealed record StepTiming(string What, string Precision, string Layout, string Teacher, double Ms, double MinMs, double MaxMs, double? Ratio);
