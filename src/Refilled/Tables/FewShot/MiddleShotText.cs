using System.Text;

namespace Refilled.Tables.FewShot;

/// <summary>Writes a report of few-shot learners for a terminal, in columns.</summary>
public static class MiddleShotText
{
    /// <summary>The title, the tables and what is to be known about them.</summary>
    public static string Write(MiddleShotReport report)
    {
        var text = new StringBuilder(report.Title).Append('\n');
        foreach (var sheet in MiddleShotSheets.Of(report))
        {
            text.Append('\n').Append(sheet.Heading).Append('\n');
            TextTable.Columns(text, sheet.Lines);
        }
        text.Append('\n');
        foreach (var line in MiddleShotSheets.Legend(report)) text.Append(line).Append('\n');
        return text.ToString();
    }
}
