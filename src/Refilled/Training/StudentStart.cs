namespace Refilled.Training;

/// <summary>Which network a method trains, and what its weights are at the start.</summary>
public enum StudentStart
{
    /// <summary>The network that the recipe names, with weights drawn from the run's seed.</summary>
    Fresh,

    /// <summary>The teacher's own network with the teacher's weights, but for a fresh classifier of the student's classes.</summary>
    Teacher,
}
