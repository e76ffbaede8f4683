namespace Refilled.Tables.FewShot;

/// <summary>A table's recipe and what it stands for.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Networks">The networks, in the order in which they are trained.</param>
/// <param name="Cells">The cells, row by row.</param>
public sealed record MiddleShotPlan(MiddleShotRecipe Recipe, IReadOnlyList<TableNetwork> Networks, IReadOnlyList<MiddleShotCell> Cells);
