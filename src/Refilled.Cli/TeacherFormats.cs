using Refilled.Teachers;

namespace Refilled.Cli;

/// <summary>The formats of teachers that the command opens besides our own.</summary>
internal static class TeacherFormats
{
    /// <summary>All of them, for every verb.</summary>
    public static IReadOnlyList<ITeacherFormat> All { get; } = [];
}
