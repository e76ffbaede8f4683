namespace Refilled.Tables;

/// <summary>Runs one cell of a table, as a process of its own or otherwise.</summary>
public interface ICellRunner
{
    /// <summary>Runs the cell to its end.</summary>
    /// <param name="job">What to run.</param>
    /// <param name="cancel">Stops it at the next step, so that it can be resumed.</param>
    /// <exception cref="OperationCanceledException">It was stopped and can be resumed.</exception>
    Task<CellOutcome> RunAsync(CellJob job, CancellationToken cancel);
}
