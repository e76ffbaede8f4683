using System.Text.Json;
using Refilled.Tables;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary>Where the tables of <c>refilled table</c> are written to.</summary>
internal static class TableOutput
{
    /// <summary>Writes a report as Markdown, CSV and JSON.</summary>
    public static void Write<T>(Terminal terminal, string folder, T report, string csv) where T : IPageSection
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in new[] { ("table.md", $"# {report.Title}\n\n{report.Markdown()}"), ("table.csv", csv), ("table.json", JsonSerializer.Serialize(report, RunFolder.Json) + "\n") })
            RunFolder.WriteText(Path.Combine(folder, name), text);
        terminal.Error.WriteLine($"written: {Path.Combine(folder, "table.md")}, table.csv, table.json");
    }

    /// <summary>Puts a report into a page.</summary>
    public static void Render(Terminal terminal, string page, string recipe, string results, IPageSection report)
    {
        var text = File.Exists(page) ? File.ReadAllText(page).ReplaceLineEndings("\n") : "# Results\n";
        string FromPage(string path) => Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(page))!, Path.GetFullPath(path)).Replace('\\', '/');
        RunFolder.WriteText(page, ResultsPage.With(text, FromPage(results), FromPage(recipe), report));
        terminal.Error.WriteLine($"written: {page}");
    }
}
