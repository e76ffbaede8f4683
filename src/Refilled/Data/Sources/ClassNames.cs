namespace Refilled.Data.Sources;

/// <summary>What names of classes must be, whatever source they come from.</summary>
internal static class ClassNames
{
    /// <summary>Refuses names that stand twice or differ only in case: on some systems, and to most eyes, they are one.</summary>
    /// <param name="path">The source, for the message.</param>
    /// <param name="what">What bears the names: "folders", "labels".</param>
    /// <param name="names">The names.</param>
    /// <param name="place">What stands before each name in the source.</param>
    /// <exception cref="InputException">Two are alike; the message names them.</exception>
    public static void Check(string path, string what, IEnumerable<string> names, string place = "")
    {
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.ToList() is not [var first, .. var others]) return;
        throw new InputException(others.Contains(first)
            ? $"'{path}': two of the {what} are called '{place}{first}'; one class or two? Rename one of them."
            : $"'{path}': the {what} {string.Join(" and ", others.Prepend(first).Select(name => $"'{place}{name}'"))} differ only in case; one class or two? Rename one of them.");
    }
}
