namespace Refilled.Tables.FewShot;

/// <summary>How far a row is above another over the same tasks, task by task.</summary>
/// <param name="Baseline">The other row.</param>
/// <param name="Points">Mean difference in points.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval.</param>
/// <param name="Tasks">Tasks that both were asked.</param>
public sealed record TaskDifference(string Baseline, double Points, double HalfWidth, int Tasks)
{
    /// <summary>Whether the interval doesn't span zero, so that a ranking may be claimed.</summary>
    public bool IsClear => Math.Abs(Points) > HalfWidth;
}
