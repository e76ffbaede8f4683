using Refilled.Experiments.FewShot;

namespace Refilled.Tables.FewShot;

/// <summary>The numbers of a table of few-shot learners, made of the results that are there.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">What readers must know of the protocol.</param>
/// <param name="Shots">The columns.</param>
/// <param name="Rows">The rows.</param>
internal sealed record FewShotReport(string Title, IReadOnlyList<string> Notes, IReadOnlyList<int> Shots,
    IReadOnlyList<FewShotReportRow> Rows) : TableReport
{
    /// <summary>The rows that others are compared with.</summary>
    public required IReadOnlyList<string> Baselines { get; init; }

    /// <summary>The networks that there are records of.</summary>
    public required IReadOnlyList<NetworkRecord> Networks { get; init; }

    /// <summary>Figures that others published of these data, a line each.</summary>
    public required IReadOnlyList<string> Published { get; init; }

    /// <summary>Cells that are measured.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the table.</summary>
    public required int Cells { get; init; }

    /// <summary>Name of the data; null before the first result.</summary>
    public string? Data { get; init; }

    /// <summary>Classes of a task, N.</summary>
    public int Way { get; init; }

    /// <summary>Images of each class that are classified, Q.</summary>
    public int Query { get; init; }

    internal override string Kind => ResultsPage.FewShot;

    internal override IEnumerable<TableSheet> Sheets() => FewShotSheets.Of(this);

    internal override IReadOnlyList<string> Legend() => FewShotSheets.Legend(this);

    internal override IEnumerable<IReadOnlyList<object?>> Records() => FewShotSheets.Records(this);
}

/// <summary>A row of a table of few-shot learners.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Cells">Its cells, in the order of the shots; those that the row hasn't are left out.</param>
internal sealed record FewShotReportRow(string Name, string Learner, IReadOnlyList<FewShotReportCell> Cells);

/// <summary>A learner at a number of shots. Accuracies are in percent; what isn't measured is null.</summary>
/// <param name="Shot">Labelled images of each class, K.</param>
internal sealed record FewShotReportCell(int Shot)
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

/// <summary>How far a row is above another over the same tasks, task by task.</summary>
/// <param name="Baseline">The other row.</param>
/// <param name="Points">Mean difference in points.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval.</param>
/// <param name="Tasks">Tasks that both were asked.</param>
internal sealed record TaskDifference(string Baseline, double Points, double HalfWidth, int Tasks)
{
    /// <summary>Whether the interval doesn't span zero, so that a ranking may be claimed.</summary>
    public bool IsClear => Math.Abs(Points) > HalfWidth;
}
