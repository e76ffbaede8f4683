namespace Refilled.Tables;

/// <summary>A table's recipe and the runs that it stands for.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Teachers">The teachers to be trained; splits with the same teacher share one.</param>
/// <param name="Cells">The students' runs, in the order of splits, students, methods and seeds.</param>
public sealed record TablePlan(TableRecipe Recipe, IReadOnlyList<TableCell> Teachers, IReadOnlyList<TableCell> Cells)
{
    /// <summary>All runs, teachers first.</summary>
    public IEnumerable<TableCell> All => Teachers.Concat(Cells);
}
