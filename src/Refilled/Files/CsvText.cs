namespace Refilled.Files;

/// <summary>Text in a table of comma-separated values.</summary>
internal static class CsvText
{
    /// <summary>A line of fields, each in quotes where it has to be.</summary>
    public static string Line(params ReadOnlySpan<string> fields)
    {
        var line = new List<string>();
        foreach (var field in fields) line.Add(Quoted(field));
        return string.Join(',', line);
    }

    /// <summary>A field, in quotes where it has to be.</summary>
    public static string Quoted(string text) =>
        text.IndexOfAny([',', '"', '\n', '\r']) < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
