namespace Refilled.Tables.FewShot;

/// <summary>A row of a table of few-shot learners.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Cells">Its cells, in the order of the shots; those that the row hasn't are left out.</param>
public sealed record MiddleShotReportRow(string Name, string Learner, IReadOnlyList<MiddleShotReportCell> Cells);
