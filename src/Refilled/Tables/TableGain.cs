namespace Refilled.Tables;

/// <summary>A row's gain over a baseline.</summary>
/// <param name="Baseline">The baseline's method.</param>
/// <param name="Gain">The gain; null where the two have no seed in common yet.</param>
public sealed record TableGain(string Baseline, PairedGain? Gain);
