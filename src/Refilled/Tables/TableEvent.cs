namespace Refilled.Tables;

/// <summary>What can happen to a run of a table.</summary>
public enum TableEvent
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
