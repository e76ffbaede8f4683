namespace Refilled.Training;

/// <summary>How the learning rate falls over a stage.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>Half a cosine from the learning rate to the final one.</summary>
    Cosine,

    /// <summary>Multiplied by a factor at each milestone.</summary>
    MultiStep,
}
