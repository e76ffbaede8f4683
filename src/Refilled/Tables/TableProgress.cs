using Refilled.Experiments;

namespace Refilled.Tables;

/// <summary>Something happened to a run of a table.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="What">What happened.</param>
/// <param name="Finished">Runs of the table that are done, this one included.</param>
/// <param name="All">Runs of the table.</param>
public sealed record TableProgress(TableCell Cell, TableEvent What, int Finished, int All)
{
    /// <summary>The result where it is done; else null.</summary>
    public RunResult? Result { get; init; }

    /// <summary>Why it failed; else null.</summary>
    public string? Failure { get; init; }
}
