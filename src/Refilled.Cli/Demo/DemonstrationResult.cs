namespace Refilled.Cli.Demo;

/// <summary>What a <see cref="Demonstration"/> measured.</summary>
public sealed record DemonstrationResult
{
    /// <summary>The methods, weakest help first.</summary>
    public required IReadOnlyList<DemonstrationRow> Rows { get; init; }

    /// <summary>The teacher's accuracy on its own classes, in percent.</summary>
    public required double TeacherTop1 { get; init; }

    /// <summary>The teacher's nearest-class-mean accuracy on the students' classes, in percent.</summary>
    public required double TeacherNcm { get; init; }

    /// <summary>Seconds that the teacher trained.</summary>
    public required double TeacherSeconds { get; init; }

    /// <summary>Images that the teacher learned from.</summary>
    public required int TeacherImages { get; init; }

    /// <summary>Images that each student learned from.</summary>
    public required int StudentImages { get; init; }

    /// <summary>Number of the students' classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Number of test images.</summary>
    public required int TestImages { get; init; }

    /// <summary>Seed of the world.</summary>
    public required int Seed { get; init; }

    /// <summary>The sample sheet of the students' images.</summary>
    public required string Sheet { get; init; }
}

/// <summary>What one method gave.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Top1">Accuracy on the test images after the last epoch, in percent.</param>
/// <param name="Epochs">Epochs of all its stages together.</param>
/// <param name="Seconds">Seconds of training.</param>
public sealed record DemonstrationRow(string Method, double Top1, int Epochs, double Seconds);
