using System.Text.RegularExpressions;

namespace Refilled.Tables;

/// <summary>Checks of what a table's recipe calls things.</summary>
internal static partial class TableNames
{
    /// <summary>That a name can name folders and files: it is of lower-case letters, digits, "-" and ".".</summary>
    public static IEnumerable<(string Path, string Message)> Check(string? name)
    {
        if (name is not null && !Plain().IsMatch(name))
            yield return ("name", $"must be of lower-case letters, digits, - and ., and begin with a letter or digit, not '{name}'");
    }

    /// <summary>That a network which was trained already is named, where there is one.</summary>
    /// <param name="trained">The path.</param>
    /// <param name="network">What the table would train.</param>
    public static IEnumerable<(string Path, string Message)> CheckTrained(string? trained, string network)
    {
        if (trained is { Length: 0 })
            yield return ("trained", $"must be a run folder or a network file; leave it out to train the {network}");
    }

    /// <summary>The first name that stands twice, or null.</summary>
    public static string? Twice(IEnumerable<string?> names) =>
        names.Where(name => !string.IsNullOrEmpty(name)).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
