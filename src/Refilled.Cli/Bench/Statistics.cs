namespace Refilled.Cli.Bench;

/// <summary>Summaries of measured numbers.</summary>
internal static class Statistics
{
    /// <summary>The middle number, or the mean of the two in the middle.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
