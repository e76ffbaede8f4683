namespace Refilled.Tables;

/// <summary>The rows of one split and one student's network.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Student">The student's network.</param>
/// <param name="Rows">The methods, in the recipe's order.</param>
public sealed record TableSection(string Split, string Student, IReadOnlyList<TableRow> Rows)
{
    /// <summary>The data's name; null before the first result.</summary>
    public string? Data { get; init; }

    /// <summary>The student's classes, as the recipe says it.</summary>
    public required string Classes { get; init; }

    /// <summary>The teacher's network; null before a result has it.</summary>
    public string? Teacher { get; init; }

    /// <summary>The teacher's top-1 on its own classes, in percent, where the table trained it and its result is there.</summary>
    public double? TeacherTop1 { get; init; }

    /// <summary>Images trained on, hold-out excluded.</summary>
    public int? TrainImages { get; init; }

    /// <summary>Test images.</summary>
    public int? TestImages { get; init; }

    /// <summary>How the section stands to the poster.</summary>
    public required string PosterNote { get; init; }
}
