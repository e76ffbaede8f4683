using System.Text;

namespace Refilled.Tables.FewShot;

/// <summary>Writes a report of few-shot learners as Markdown.</summary>
public static class MiddleShotMarkdown
{
    /// <summary>The tables with what is to be known about them, without the title.</summary>
    public static string Write(MiddleShotReport report)
    {
        var text = new StringBuilder();
        foreach (var sheet in MiddleShotSheets.Of(report))
        {
            text.Append("**").Append(sheet.Heading).Append("**\n\n");
            MarkdownTable.Line(text, sheet.Lines[0]);
            MarkdownTable.Line(text, sheet.Lines[0].Select(_ => "---"));
            foreach (var line in sheet.Lines.Skip(1)) MarkdownTable.Line(text, line);
            text.Append('\n');
        }
        foreach (var line in MiddleShotSheets.Legend(report)) text.Append("- ").Append(line).Append('\n');
        return text.ToString();
    }
}
