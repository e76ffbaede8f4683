namespace Refilled.Tables.FewShot;

/// <summary>One of the tables that a report consists of, as texts.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="Lines">The header, then the rows, all with the same number of cells.</param>
internal sealed record MiddleShotSheet(string Heading, IReadOnlyList<IReadOnlyList<string>> Lines);
