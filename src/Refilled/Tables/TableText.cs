using System.Globalization;
using System.Text;

namespace Refilled.Tables;

/// <summary>Writes a table's report as text.</summary>
internal static class TableText
{
    /// <summary>Markdown: the sheets with what is to be known about them, without the title.</summary>
    public static string Markdown(TableReport report)
    {
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        foreach (var sheet in report.Sheets())
        {
            text.Append("**").Append(sheet.Heading).Append("**\n\n");
            Line(sheet.Lines[0]);
            Line(sheet.Lines[0].Select(_ => "---"));
            foreach (var line in sheet.Lines.Skip(1)) Line(line);
            text.Append('\n');
            if (sheet.Note is not null) text.Append(sheet.Note).Append("\n\n");
        }
        foreach (var line in Below(report)) text.Append("- ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>For a terminal: the title, the sheets in columns and what is to be known about them.</summary>
    public static string Plain(TableReport report)
    {
        var text = new StringBuilder(report.Title).Append('\n');
        foreach (var sheet in report.Sheets())
        {
            text.Append('\n').Append(sheet.Heading).Append('\n');
            Columns(text, sheet.Lines);
            if (sheet.Note is not null) text.Append(sheet.Note).Append('\n');
        }
        text.Append('\n');
        foreach (var line in Below(report)) text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>Comma-separated values (RFC 4180, but with plain line feeds): numbers in full.</summary>
    public static string Csv(TableReport report) => Csv(report.Records());

    /// <inheritdoc cref="Csv(TableReport)"/>
    public static string Csv(IEnumerable<IReadOnlyList<object?>> records)
    {
        var text = new StringBuilder();
        foreach (var record in records) text.AppendJoin(',', record.Select(Field)).Append('\n');
        return text.ToString();
    }

    /// <summary>A field; numbers to six places, without a minus before zero, and what isn't known is empty.</summary>
    internal static string Field(object? value)
    {
        var text = Convert.ToString(value is double number ? Math.Round(number, 6) + 0.0 : value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static IEnumerable<string> Below(TableReport report) =>
        report.Origin() is { } origin ? report.Legend().Append(origin) : report.Legend();

    /// <summary>Lines in columns as wide as their widest cells, the first column to the left.</summary>
    private static void Columns(StringBuilder text, IReadOnlyList<IReadOnlyList<string>> lines)
    {
        var widths = lines[0].Select((_, column) => lines.Max(line => line[column].Length)).ToList();
        string Cell(string cell, int column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]);
        foreach (var line in lines) text.Append(string.Join("  ", line.Select(Cell)).TrimEnd()).Append('\n');
    }
}
