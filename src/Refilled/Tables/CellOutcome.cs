namespace Refilled.Tables;

/// <summary>How a run of a table ended.</summary>
/// <param name="Failure">Why it failed; null where its result is in its run folder.</param>
public sealed record CellOutcome(string? Failure)
{
    /// <summary>It is done.</summary>
    public static CellOutcome Done { get; } = new((string?)null);
}
