using System.Text;

namespace Refilled.Tables;

/// <summary>Writes a report as Markdown.</summary>
public static class MarkdownTable
{
    /// <summary>The sections with what is to be known about them, without the title.</summary>
    public static string Write(TableReport report)
    {
        var text = new StringBuilder();
        foreach (var section in report.Sections)
        {
            var header = TableCells.Header(report, section);
            text.Append("**").Append(TableCells.Heading(section)).Append("**\n\n");
            Line(text, header);
            Line(text, header.Select(_ => "---"));
            foreach (var row in section.Rows) Line(text, TableCells.Row(report, section, row));
            text.Append('\n').Append(section.PosterNote).Append("\n\n");
        }
        foreach (var line in TableCells.Legend(report)) text.Append("- ").Append(line).Append('\n');
        if (report.Finished > 0)
            text.Append($"- Results version {report.ResultsVersion}; data {string.Join(", ", report.DataHashes.Select(hash => $"`{hash[..Math.Min(12, hash.Length)]}`"))}; {string.Join(", ", report.Precisions)}; {string.Join(" and ", report.Machines)}.\n");
        return text.ToString();
    }

    /// <summary>A line of a table.</summary>
    internal static void Line(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
