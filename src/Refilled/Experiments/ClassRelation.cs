namespace Refilled.Experiments;

/// <summary>How the teacher's classes relate to the student's. Classes are compared by name.</summary>
public enum Setting
{
    /// <summary>No class in common.</summary>
    CrossTask,

    /// <summary>The same classes.</summary>
    Standard,

    /// <summary>Some classes in common, deliberately.</summary>
    Overlapping,
}

/// <summary>Checks that a teacher's classes relate to a student's as the setting says.</summary>
/// <remarks>Classes are compared by name: two sets that merely have the same ranks are not the same.</remarks>
internal static class ClassRelation
{
    /// <exception cref="InputException">They relate otherwise; the message names some classes and the way out.</exception>
    public static void Check(Setting setting, IReadOnlyList<string> teacher, IReadOnlyList<string> student)
    {
        var common = student.Intersect(teacher, StringComparer.Ordinal).ToList();
        var same = common.Count == student.Count && common.Count == teacher.Count;
        switch (setting)
        {
            case Setting.CrossTask when common.Count > 0:
                throw new InputException("In the cross-task setting the teacher's and the student's classes must not overlap, "
                    + $"but they share {Some(common)}. " + (same ? "For a teacher of the same classes use --setting standard."
                        : "Choose other --classes, or use --setting overlapping if that is meant."));
            case Setting.Standard when !same:
                throw new InputException("In the standard setting the teacher's and the student's classes must be the same, "
                    + $"but of {teacher.Count} and {student.Count} they share {common.Count}. "
                    + "Choose other --classes, or use --setting cross-task.");
            case Setting.Overlapping when common.Count == 0:
                throw new InputException("In the overlapping setting the teacher's and the student's classes must share some, "
                    + "but they share none. Use --setting cross-task.");
        }
    }

    /// <summary>The setting that a teacher's and a student's classes are in.</summary>
    public static Setting Of(IReadOnlyList<string> teacher, IReadOnlyList<string> student) =>
        student.Intersect(teacher, StringComparer.Ordinal).Count() switch
        {
            0 => Setting.CrossTask,
            var common when common == student.Count && common == teacher.Count => Setting.Standard,
            _ => Setting.Overlapping,
        };

    /// <summary>What a setting says of the classes.</summary>
    public static string Describe(Setting setting) => setting switch
    {
        Setting.CrossTask => "Teacher and students have no class in common.",
        Setting.Standard => "Teacher and students have the same classes.",
        _ => "Teacher and students have some classes in common.",
    };

    /// <summary>Classes in a message: their number, and the first ones' names.</summary>
    public static string Some(IReadOnlyCollection<string> names) =>
        $"{names.Count} ({string.Join(", ", names.Take(3))}{(names.Count > 3 ? " …" : "")})";
}
