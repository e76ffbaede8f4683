using System.Text;

namespace Refilled.Tables;

/// <summary>Writes a report for a terminal, in columns.</summary>
public static class TextTable
{
    /// <summary>The title, the sections and what is to be known about them.</summary>
    public static string Write(TableReport report)
    {
        var text = new StringBuilder(report.Title).Append('\n');
        foreach (var section in report.Sections)
        {
            text.Append('\n').Append(TableCells.Heading(section)).Append('\n');
            Columns(text, [TableCells.Header(report, section), .. section.Rows.Select(row => TableCells.Row(report, section, row))]);
            text.Append(section.PosterNote).Append('\n');
        }
        text.Append('\n');
        foreach (var line in TableCells.Legend(report)) text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>Lines in columns as wide as their widest cells, the first column to the left.</summary>
    internal static void Columns(StringBuilder text, IReadOnlyList<IReadOnlyList<string>> lines)
    {
        var widths = Enumerable.Range(0, lines[0].Count).Select(column => lines.Max(line => line[column].Length)).ToList();
        foreach (var line in lines)
            text.Append(string.Join("  ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd()).Append('\n');
    }
}
