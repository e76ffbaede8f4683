using Refilled.Experiments;

namespace Refilled.Tables;

/// <summary>One run of a table.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Student">The student's network; <see cref="Own"/> where a method trains the teacher's; empty for a teacher.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Recipe">What is run. Where its teacher and caches lie is filled in when it runs.</param>
public sealed record TableCell(string Split, string Student, string Method, int Seed, Recipe Recipe)
{
    /// <summary>Stands for the student of the methods that use the teacher's own network.</summary>
    public const string Own = "own";

    /// <summary>The cell that trains the teacher; null where none is read, or the teacher was trained already.</summary>
    public TableCell? Teacher { get; init; }

    /// <summary>The teacher that was trained already, or null.</summary>
    public string? TrainedTeacher { get; init; }

    /// <summary>Whether the cell is a teacher's.</summary>
    public bool IsTeacher => Student.Length == 0;

    /// <summary>The cell's name, and its folder below the table's: "easy/wrn-16-1/refilled-0", or "easy/teacher".</summary>
    public string Id => IsTeacher ? $"{Split}/teacher" : $"{Split}/{Student}/{Method}-{Seed}";

    /// <summary>The name of the file that its result is kept in.</summary>
    public string ResultName => IsTeacher ? $"{Split}_teacher.json" : $"{Split}_{Student}_{Method}_{Seed}.json";

    /// <summary>What a result must say of its settings to be this cell's.</summary>
    public string SettingsHash => RecipeIdentity.Hash(Recipe);
}
