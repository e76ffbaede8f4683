namespace Refilled.Experiments.FewShot;

/// <summary>What was measured of a few-shot learner over many tasks, as its JSON file holds it. Accuracies are in percent.</summary>
public sealed record FewShotRunResult : Measured
{
    /// <summary>"middle-shot".</summary>
    public string Setting { get; init; } = "middle-shot";

    /// <summary>Name of the data.</summary>
    public required string Data { get; init; }

    /// <summary>Specification of the classes that tasks are drawn from; of a file of names its name.</summary>
    public required string Classes { get; init; }

    /// <summary>The learner's name.</summary>
    public required string Learner { get; init; }

    /// <summary>The row of a table that it stands for; else the learner's name.</summary>
    public required string Row { get; init; }

    /// <summary>The backbone's architecture.</summary>
    public required string Backbone { get; init; }

    /// <summary>SHA-256 of the backbone's file.</summary>
    public required string BackboneHash { get; init; }

    /// <summary>The teacher's architecture; null where the learner reads none.</summary>
    public string? Teacher { get; init; }

    /// <summary>SHA-256 of the teacher's file.</summary>
    public string? TeacherHash { get; init; }

    /// <summary>SHA-256 of the file of what was trained beside the backbone; null where the learner needs nothing.</summary>
    public string? AdapterHash { get; init; }

    /// <summary>Classes of a task, N.</summary>
    public required int Way { get; init; }

    /// <summary>Labelled images of each class, K.</summary>
    public required int Shot { get; init; }

    /// <summary>Images of each class that are classified, Q.</summary>
    public required int Query { get; init; }

    /// <summary>Number of tasks, T.</summary>
    public required int Tasks { get; init; }

    /// <summary>What decides, with a task's number, which images are in it.</summary>
    public required long Seed { get; init; }

    /// <summary>Which tasks they were: <see cref="Refilled.FewShot.FewShotTasks.Fingerprint"/>.</summary>
    public required string TasksHash { get; init; }

    /// <summary>The same of the first two tasks alone.</summary>
    /// <remarks>Where it is equal, the tasks of one result are the first ones of the other.</remarks>
    public required string FirstTasksHash { get; init; }

    /// <summary>Mean accuracy over the tasks.</summary>
    public required double Mean { get; init; }

    /// <summary>Half the width of the mean's 95 % interval.</summary>
    public required double HalfWidth { get; init; }

    /// <summary>Right queries of each task, each of N·Q, <c>[T]</c>.</summary>
    public required IReadOnlyList<int> Right { get; init; }

    /// <summary>What was chosen on validation tasks, by name, such as "c".</summary>
    public IReadOnlyDictionary<string, double> Chosen { get; init; } = new Dictionary<string, double>();

    /// <summary>Accuracies after several numbers of steps, of learners that train on each task; else empty.</summary>
    public IReadOnlyList<StepAccuracy> AtSteps { get; init; } = [];

    /// <summary>How long the tasks took, in seconds.</summary>
    public override required double Seconds { get; init; }

    /// <summary>Tasks in a second.</summary>
    public required double TasksPerSecond { get; init; }

    /// <summary>Images that are classified in a task, N·Q.</summary>
    internal int Queries => Way * Query;
}

/// <summary>How a learner that trains on each task does after a number of steps.</summary>
/// <param name="Steps">Steps, of the last stage.</param>
/// <param name="Mean">Mean accuracy over the tasks, in percent.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval.</param>
public sealed record StepAccuracy(int Steps, double Mean, double HalfWidth);
