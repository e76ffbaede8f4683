using System.Text.RegularExpressions;
using Refilled.Charts;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>The sections of a page that are made of tables' results.</summary>
/// <remarks>Each stands between the markers <c>&lt;!-- grid: folder recipe --&gt;</c> (or <c>middle-shot</c>, by the kind of table)
/// and <c>&lt;!-- end --&gt;</c>: the folder of the results and the table's recipe, relative to the page.</remarks>
internal static partial class ResultsPage
{
    /// <summary>The kind of a grid of methods.</summary>
    public const string Grid = "grid";

    /// <summary>The kind of a table of few-shot learners.</summary>
    public const string FewShot = "middle-shot";

    /// <summary>Name of a table's picture, in the folder of its results.</summary>
    public const string PictureName = "gains.svg";

    /// <summary>The kinds, folders and recipes of a page's sections, as they stand there.</summary>
    public static IReadOnlyList<(string Kind, string Folder, string Recipe)> Sections(string page) =>
        [.. Grids().Matches(page)
            .Select(match => (match.Groups["kind"].Value, match.Groups["folder"].Value, match.Groups["recipe"].Value))];

    /// <summary>Writes a table's picture, where it has one.</summary>
    public static void Draw(string folder, TableReport report)
    {
        if (report.Picture() is { } sheet) RunFolder.WriteText(Path.Combine(folder, PictureName), SvgSheet.Text(sheet));
    }

    /// <summary>Puts a table into the page: in place of its section, or at the end under the title.</summary>
    /// <param name="page">The page's text.</param>
    /// <param name="folder">The results' folder.</param>
    /// <param name="recipe">The table's recipe.</param>
    /// <param name="report">The table.</param>
    public static string With(string page, string folder, string recipe, TableReport report)
    {
        var picture = report.Picture() is { } sheet ? $"![{sheet.Description}]({folder}/{PictureName})\n\n" : "";
        var section = $"<!-- {report.Kind}: {folder} {recipe} -->\n{picture}{TableText.Markdown(report)}<!-- end -->";
        if (Grids().Matches(page).FirstOrDefault(match => match.Groups["folder"].Value == folder) is not { } old)
            return $"{page.TrimEnd('\n')}\n\n## {report.Title}\n\n{section}\n";
        return page[..old.Index] + section + page[(old.Index + old.Length)..];
    }

    [GeneratedRegex("<!-- (?<kind>grid|middle-shot): (?<folder>[^ ]+) (?<recipe>[^ ]+) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Grids();
}
