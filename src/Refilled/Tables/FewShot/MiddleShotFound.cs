using Refilled.Experiments.FewShot;

namespace Refilled.Tables.FewShot;

/// <summary>What there is of a table's results.</summary>
/// <param name="Networks">The networks that there are records of.</param>
/// <param name="Cells">The cells that are measured.</param>
public sealed record MiddleShotFound(IReadOnlyDictionary<TableNetwork, NetworkRecord> Networks, IReadOnlyDictionary<MiddleShotCell, FewShotRunResult> Cells);
