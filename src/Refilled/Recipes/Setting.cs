namespace Refilled.Recipes;

/// <summary>How the teacher's classes relate to the student's. Classes are compared by name.</summary>
public enum Setting
{
    /// <summary>No class in common.</summary>
    CrossTask,

    /// <summary>The same classes.</summary>
    Standard,

    /// <summary>Some classes in common, deliberately.</summary>
    Overlapping,
}
