namespace Refilled.Tables;

/// <summary>Something that happened to a job of a table.</summary>
/// <param name="Job">Which one.</param>
/// <param name="What">What happened.</param>
/// <param name="Finished">Jobs of the table that are done, this one included.</param>
/// <param name="All">Jobs of the table.</param>
internal sealed record TableProgress(Job Job, TableEvent What, int Finished, int All)
{
    /// <summary>What was found where it is done, why it failed where it did; else null.</summary>
    public string? Outcome { get; init; }
}

/// <summary>What can happen to a job of a table.</summary>
internal enum TableEvent
{
    /// <summary>It begins.</summary>
    Started,

    /// <summary>It goes on where it was cut.</summary>
    Resumed,

    /// <summary>It is done, and its result is kept.</summary>
    Done,

    /// <summary>It failed; the others go on.</summary>
    Failed,
}
