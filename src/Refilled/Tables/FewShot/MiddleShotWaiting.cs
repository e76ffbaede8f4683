namespace Refilled.Tables.FewShot;

/// <summary>What of a table is to be done, in order.</summary>
/// <param name="Networks">The networks to be trained.</param>
/// <param name="Cells">The cells to be measured.</param>
public sealed record MiddleShotWaiting(IReadOnlyList<TableNetwork> Networks, IReadOnlyList<MiddleShotCell> Cells)
{
    /// <summary>How much that is.</summary>
    public int Count => Networks.Count + Cells.Count;
}
