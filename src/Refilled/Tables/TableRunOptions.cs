namespace Refilled.Tables;

/// <summary>How a table is run.</summary>
/// <param name="Output">Folder for the run folders, the teacher's cache and logs.</param>
public sealed record TableRunOptions(string Output)
{
    /// <summary>Most runs side by side, from 1 to <see cref="Cores"/>. Default 1.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Cores that all runs share. Default: all of the machine.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>Threads of each run that begins: the cores' fair share, at least 1.</summary>
    public int ThreadsEach => Math.Max(1, Cores / Jobs);
}
