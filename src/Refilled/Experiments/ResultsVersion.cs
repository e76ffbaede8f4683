namespace Refilled.Experiments;

/// <summary>The version of what runs measure. It is raised by hand when the same recipe on the same data gives other numbers than
/// before: results of two versions don't belong in one table.</summary>
public static class ResultsVersion
{
    /// <summary>The version that this code measures in. Results made before it was written down have 0.</summary>
    public const int Current = 1;
}
