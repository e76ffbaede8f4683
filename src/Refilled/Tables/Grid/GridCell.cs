using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Teachers;
using static System.FormattableString;

namespace Refilled.Tables.Grid;

/// <summary>One run of a grid.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Student">The student's network; <see cref="Own"/> where a method trains the teacher's; empty for a teacher.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Recipe">What is run.</param>
internal sealed record GridCell(string Split, string Student, string Method, int Seed, Recipe Recipe) : TrainJob(Recipe)
{
    /// <summary>Stands for the student of the methods that use the teacher's own network.</summary>
    public const string Own = "own";

    /// <summary>What is run.</summary>
    public new Recipe Recipe
    {
        get => base.Recipe!;
        init => base.Recipe = value;
    }

    /// <summary>The cell that trains the teacher; null where none is read, or the teacher was trained already.</summary>
    public GridCell? Teacher { get; init; }

    /// <summary>The teacher that was trained already, or null.</summary>
    public string? TrainedTeacher { get; init; }

    /// <summary>Whether the cell is a teacher's.</summary>
    public bool IsTeacher => Student.Length == 0;

    /// <inheritdoc/>
    public override bool IsMeans => IsTeacher;

    /// <inheritdoc/>
    public override TrainJob? TeacherJob => Teacher;

    /// <summary>The cell's name, and its folder below the table's: "easy/wrn-16-1/refilled-0", or "easy/teacher".</summary>
    public override string Id => IsTeacher ? $"{Split}/teacher" : $"{Split}/{Student}/{Method}-{Seed}";

    /// <inheritdoc/>
    public override string Label => $"{Split}, {(IsTeacher ? "teacher" : Method)}";

    /// <inheritdoc/>
    public override string ResultName => IsTeacher ? $"{Split}_teacher.json" : $"{Split}_{Student}_{Method}_{Seed}.json";

    /// <inheritdoc/>
    public override string SettingsHash => base.SettingsHash!;

    /// <inheritdoc/>
    public override Type ResultType => typeof(RunResult);

    /// <inheritdoc/>
    public override object Keep(RunResult? run, string place, IReadOnlyList<ITeacherFormat> formats) => run!;

    /// <inheritdoc/>
    public override Measured Measured(object result) => (RunResult)result;

    /// <inheritdoc/>
    public override IEnumerable<Fact> Facts(object result)
    {
        var run = (RunResult)result;
        yield return new("the data", DataPlace, run.DataHash);
        if (run.TeacherHash is { } teacher) yield return new("the teacher", $"{Teacher?.Id ?? TrainedTeacher}", teacher);
        if (run.StartHash is { } start) yield return new("the network that they start from", $"{Recipe.Start}", start);
        if (!IsTeacher) yield return new("the test images", Split, run.TestHash!);
        yield return new("the number format", "", run.Precision);
    }

    /// <inheritdoc/>
    public override string? Problem(object result)
    {
        var run = (RunResult)result;
        try
        {
            if (run.Right is null || run.RightSelected is null || run.TestHash is null)
                throw new FormatException("It lacks which images were right.");
            foreach (var bits in new[] { run.Right, run.RightSelected }) RightImages.Decode(bits, run.TestImages);
            return null;
        }
        catch (FormatException e)
        {
            return $"doesn't say which test images were right: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public override string Summary(object result) =>
        Invariant($"top-1 {((RunResult)result).Top1:0.0} % ({((RunResult)result).Seconds:0} s)");
}
