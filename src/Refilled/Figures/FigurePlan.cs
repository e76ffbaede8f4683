using Refilled.Tables;
using Refilled.Tables.Grid;
using Refilled.Teachers;

namespace Refilled.Figures;

/// <summary>What a figure's recipe stands for: trainings that are looked at meanwhile, and how what was seen is drawn.</summary>
/// <param name="Grid">The trainings as a table's.</param>
/// <param name="Runs">The same, each looked at.</param>
internal abstract record FigurePlan(GridPlan Grid, IReadOnlyList<FigureRun> Runs) : TablePlan(Grid.Title, [.. Grid.Teachers, .. Runs])
{
    /// <inheritdoc/>
    public override bool NamesData => Grid.NamesData;

    /// <summary>Checks what the trainings' own recipes don't say, before any begins.</summary>
    /// <param name="data">The data.</param>
    /// <param name="formats">Formats of teachers of the caller's.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public abstract void Check(LoadedData data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel);

    /// <inheritdoc/>
    public abstract override FigureReport Report(FoundResults found);
}
