namespace Refilled.Training;

/// <summary>Whose epochs a stage takes from a recipe.</summary>
public enum StageLength
{
    /// <summary>The first stage's.</summary>
    First,

    /// <summary>The second stage's.</summary>
    Second,

    /// <summary>The sum of both, with the second stage's schedule: equal total training for a method without a first stage.</summary>
    Total,
}
