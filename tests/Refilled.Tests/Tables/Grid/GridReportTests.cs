using System.Globalization;
using Refilled.Charts;
using Refilled.Tables.Grid;
using System.Text.Json;
using Refilled.Experiments;
using Refilled.Tables;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Tables.Grid;

public sealed class GridReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private GridReport Report(string? text = null, Func<RunResult, RunResult>? change = null, Func<GridCell, bool>? has = null)
    {
        var plan = MadeUpGrid.Plan(folder, text);
        var results = from cell in plan.Jobs.Cast<GridCell>()
                      where has is null || has(cell)
                      let result = MadeUpGrid.Result(cell, cell.Method == "refilled" ? 0.95 : 0.3)
                      select ((Job)cell, (object)(change is null ? result : change(result)));
        return (GridReport)plan.Report(new FoundResults(results));
    }

    [Fact]
    public void A_row_has_mean_deviation_and_gain_and_claims_only_what_is_clear()
    {
        var report = Report();
        var row = report.Sections[0].Rows.Single(row => row.Method == "refilled");
        var plan = MadeUpGrid.Plan(folder);
        var values = plan.Cells.Where(cell => cell is { Split: "one", Method: "refilled" })
            .Select(cell => MadeUpGrid.Result(cell, 0.95).Top1).ToList();
        Assert.Equal(values.Average(), row.Top1!.Value, 1e-9);
        Assert.Equal(Math.Abs(values[0] - values[1]) / Math.Sqrt(2), row.Deviation!.Value, 1e-9);
        Assert.True(row.Gains.Single().Gain!.IsClear);
        Assert.Empty(report.Sections[0].Rows.Single(row => row.Method == "student").Gains);

        var markdown = TableText.Markdown(report).Split('\n');
        Assert.Contains(markdown, line =>
            line.StartsWith("| refilled | 5 | 2 |", StringComparison.Ordinal) && !line.Contains('~', StringComparison.Ordinal));
        Assert.Contains(markdown, line =>
            line.StartsWith("| rkd | 5 | 2 |", StringComparison.Ordinal) && line.Contains("] ~ |", StringComparison.Ordinal));
        Assert.Contains(markdown, line => line.StartsWith("| 1nn | 5 | 1 (fixed) |", StringComparison.Ordinal));
        Assert.Contains("refilled", TableText.Plain(report), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        var report = Report(has: cell => cell is { Split: "one", Method: "student" or "rkd", Seed: 0 });
        var markdown = TableText.Markdown(report);
        Assert.Contains("Not finished: 2 of 14 runs are done.", markdown, StringComparison.Ordinal);
        Assert.Contains("| refilled | – | 0 | – | – | – | – | – |", markdown, StringComparison.Ordinal);
        // One seed allows no claim.
        Assert.Contains("] ~ |", markdown, StringComparison.Ordinal);
        Assert.Contains("two: student wrn-10-1 on 4-7, teacher wrn-10-2", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_posters_numbers_stand_only_beside_its_own_setting()
    {
        var text = MadeUpGrid.Text.Replace("students: [wrn-10-1]", "students: [mobilenet-0.25]", StringComparison.Ordinal)
            .Replace("- name: one", "- name: easy", StringComparison.Ordinal)
            .Replace("{ classes: 0-3 }", "{ classes: easy:student@0 }", StringComparison.Ordinal);
        GridSection Easy(string text, string data, string teacher) =>
            Report(text, result => result with { Data = data, Teacher = result.Teacher is null ? null : teacher }).Sections[0];

        var same = Easy(text, "cub200", "mobilenet-1.0");
        Assert.Equal((67.87, 64.63),
            (same.Rows.Single(row => row.Method == "refilled").Poster, same.Rows.Single(row => row.Method == "student").Poster));
        Assert.StartsWith("The poster's numbers are of another protocol: its split of the classes is not published", same.PosterNote,
            StringComparison.Ordinal);
        Assert.Contains("2 + 3 epochs, it for 200 + 200", same.PosterNote, StringComparison.Ordinal);

        void Other(GridSection section, string why)
        {
            Assert.All(section.Rows, row => Assert.Null(row.Poster));
            Assert.Contains("not comparable", section.PosterNote, StringComparison.Ordinal);
            Assert.Contains(why, section.PosterNote, StringComparison.Ordinal);
            Assert.Contains("mobilenet-1.0 teaches mobilenet-0.25, cub200, easy", section.PosterNote, StringComparison.Ordinal);
            Assert.Contains("rkd -0.35, vanilla +2.12, lkd +2.78, refilled +3.24", section.PosterNote, StringComparison.Ordinal);
        }
        Other(Easy(text, "tiny-imagenet", "mobilenet-1.0"), "no cross-task table of tiny-imagenet with the teacher mobilenet-1.0");
        Other(Easy(text, "cub200", "mobilenet-0.75"), "with the teacher mobilenet-0.75");
        Other(Easy(text.Replace("base:", "base:\n  images-per-class: 20", StringComparison.Ordinal), "cub200", "mobilenet-1.0"),
            "all images, not 20 of each class");
        Other(Easy(text.Replace("students: [mobilenet-0.25]", "students: [wrn-16-1]", StringComparison.Ordinal), "cub200", "mobilenet-1.0"),
            "it has no student wrn-16-1");
    }

    [Fact]
    public void Csv_and_json_hold_the_numbers_in_full()
    {
        var report = Report();
        var lines = TableText.Csv(report).Split('\n');
        Assert.All(lines.Where(line => line.Length > 0), line => Assert.Equal(18, line.Split(',').Length));
        Assert.StartsWith("one,0-3,wrn-10-2,wrn-10-1,refilled,0 1,5,", lines[4], StringComparison.Ordinal);
        Assert.EndsWith(",yes", lines[4], StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize<GridReport>(JsonSerializer.Serialize(report, RunFolder.Json), RunFolder.Json)!;
        Assert.Equal(TableText.Csv(report), TableText.Csv(read));
    }

    [Fact]
    public void A_page_has_each_table_once_and_nothing_else_changes()
    {
        var report = Report();
        const string page = "# Results\n\nText.\n\n<!-- table: demo -->\nx\n<!-- end -->\n\n## Next\n\n<!-- grid: here r.yaml -->\nold\n"
            + "<!-- end -->\n\nAfter.\n";
        var made = ResultsPage.With(page, "here", "r.yaml", report);
        var picture = $"![{report.Picture()!.Description}](here/gains.svg)\n\n";
        Assert.Equal(page.Replace("old\n", picture + TableText.Markdown(report), StringComparison.Ordinal), made);
        Assert.Equal(made, ResultsPage.With(made, "here", "r.yaml", report));
        var added = ResultsPage.With(page, "there", "q.yaml", report);
        Assert.StartsWith(page.TrimEnd('\n') + "\n\n## A table\n\n<!-- grid: there q.yaml -->\n", added, StringComparison.Ordinal);
        Assert.Equal([("grid", "here", "r.yaml"), ("grid", "there", "q.yaml")], ResultsPage.Sections(added));
    }

    [Fact]
    public void The_picture_has_each_gain_over_the_first_baseline_and_tells_claims_from_none()
    {
        var report = Report();
        var sheet = report.Picture()!;
        var gains = report.Sections.SelectMany(section => section.Rows)
            .Select(row => row.Gains.FirstOrDefault(gain => gain.Baseline == report.Baselines[0])?.Gain).OfType<PairedGain>().ToList();
        Assert.NotEmpty(gains);
        var dots = sheet.Marks.OfType<Dot>().ToList();
        Assert.Equal(gains.Count, dots.Count);
        Assert.All(gains.Zip(dots), one => Assert.Equal(one.First.IsClear, one.Second.Ink != Ink.Grey));
        Assert.All(gains, gain => Assert.Contains(sheet.Marks.OfType<Words>(), words =>
            words.Text.StartsWith(gain.Points.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        Assert.Null((report with { Baselines = [] }).Picture());
        Assert.Null((report with { Sections = [.. report.Sections.Select(section => section with { Rows = [] })] }).Picture());
    }
}
