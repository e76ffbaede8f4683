namespace Refilled.Cli;

/// <summary>Text in a table of comma-separated values.</summary>
internal static class CsvText
{
    /// <summary>A field, in quotes where it has to be.</summary>
    public static string Quoted(string text) =>
        text.IndexOfAny([',', '"', '\n', '\r']) < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
