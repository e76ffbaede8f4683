using Refilled.Experiments.FewShot;

namespace Refilled.Tables.FewShot;

/// <summary>A learner at a number of shots. Accuracies are in percent; what isn't measured is null.</summary>
/// <param name="Shot">Labelled images of each class, K.</param>
public sealed record MiddleShotReportCell(int Shot)
{
    /// <summary>Mean accuracy over the tasks.</summary>
    public double? Mean { get; init; }

    /// <summary>Half the width of its 95 % interval.</summary>
    public double? HalfWidth { get; init; }

    /// <summary>Number of tasks.</summary>
    public int? Tasks { get; init; }

    /// <summary>Tasks in a second.</summary>
    public double? TasksPerSecond { get; init; }

    /// <summary>The backbone's architecture.</summary>
    public string? Backbone { get; init; }

    /// <summary>The teacher's architecture; null where there is none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Accuracies after several numbers of steps, of learners that train on each task.</summary>
    public IReadOnlyList<StepAccuracy> AtSteps { get; init; } = [];

    /// <summary>What was chosen on validation tasks.</summary>
    public IReadOnlyDictionary<string, double> Chosen { get; init; } = new Dictionary<string, double>();

    /// <summary>Differences to the baselines, in their order; none to itself, and none where the two have no tasks in common.</summary>
    public IReadOnlyList<TaskDifference> Differences { get; init; } = [];

    /// <summary>The poster's number, of other data.</summary>
    public double? Poster { get; init; }
}
