using static System.FormattableString;

namespace Refilled.Cli.Demo;

/// <summary>What a <see cref="Demonstration"/> measured.</summary>
public sealed record DemonstrationResult
{
    /// <summary>The teacher's class means, the student alone, and the taught students.</summary>
    public required IReadOnlyList<DemonstrationRow> Rows { get; init; }

    /// <summary>The teacher's accuracy on its own letters, in percent.</summary>
    public required double TeacherTop1 { get; init; }

    /// <summary>Seconds that the teacher trained.</summary>
    public required double TeacherSeconds { get; init; }

    /// <summary>Drawings that the teacher learned from.</summary>
    public required int TeacherImages { get; init; }

    /// <summary>Number of the teacher's letters.</summary>
    public required int TeacherLetters { get; init; }

    /// <summary>Drawings that each student learned from.</summary>
    public required int StudentImages { get; init; }

    /// <summary>Number of the students' letters.</summary>
    public required int Letters { get; init; }

    /// <summary>Number of test drawings.</summary>
    public required int TestImages { get; init; }

    /// <summary>Seed of the choice of drawings and of the runs.</summary>
    public required int Seed { get; init; }

    /// <summary>Where the runs are.</summary>
    public required string Folder { get; init; }

    /// <summary>The picture of test drawings and answers.</summary>
    public required string Picture { get; init; }

    /// <summary>The teacher without training.</summary>
    internal DemonstrationRow Means => Rows[0];

    /// <summary>The student that nobody teaches.</summary>
    internal DemonstrationRow Alone => Rows[1];

    /// <summary>The better of the taught students.</summary>
    internal DemonstrationRow Taught => Rows.Skip(2).MaxBy(row => row.Top1)!;

    /// <summary>The outcome in one sentence, about the best row.</summary>
    internal string Conclusion()
    {
        var gain = Invariant($"{Taught.Top1:0.0} % with {Taught.Method}, {Alone.Top1:0.0} % alone");
        if (Alone.Top1 >= Math.Max(Taught.Top1, Means.Top1))
            return Invariant($"Here the teacher of other letters didn't help: the student alone is best, with {Alone.Top1:0.0} %.");
        if (Means.Top1 >= Taught.Top1)
            return Invariant($"Best are the teacher's own class means ({Means.Top1:0.0} %), at {Times()} the student's size; ")
                + $"the student reaches {gain}.";
        return Invariant($"Best is {Taught.Method}: with the help of a teacher that never saw these letters the student learns ")
            + Invariant($"{Taught.Top1:0.0} %, {Taught.Top1 - Alone.Top1:0.0} points more than alone and ")
            + Invariant($"{Taught.Top1 - Means.Top1:0.0} more than the teacher's own class means, which are {Times()} its size.");
    }

    private string Times() => Invariant($"{(double)Means.Parameters / Taught.Parameters:0.0} times");
}

/// <summary>What one method gave.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Network">Its network.</param>
/// <param name="Parameters">Number of the network's parameters.</param>
/// <param name="Milliseconds">Median time of an image by itself, in milliseconds.</param>
/// <param name="Top1">Accuracy on the test images after the last epoch, in percent.</param>
/// <param name="Epochs">Epochs of all its stages together.</param>
/// <param name="Seconds">Seconds of training.</param>
public sealed record DemonstrationRow(
    string Method, string Network, long Parameters, double Milliseconds, double Top1, int Epochs, double Seconds);
