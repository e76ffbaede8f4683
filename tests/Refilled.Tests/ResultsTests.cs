using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Refilled.Charts;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.FewShot;
using Refilled.Tables.Grid;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests;

/// <summary>The tables of RESULTS.md are made from the files beside it, never typed.</summary>
public partial class ResultsTests
{
    [Fact]
    public void The_tables_are_made_from_the_measured_files()
    {
        var path = Path.Combine(Repository.Root, "results", "RESULTS.md");
        var recorded = File.ReadAllText(path).ReplaceLineEndings("\n");
        Assert.NotEmpty(Tables().Matches(recorded));
        var made = Tables().Replace(recorded, table =>
        {
            var runs = Runs(Path.Combine(Repository.Root, "results", table.Groups["folder"].Value));
            return $"<!-- {table.Groups["kind"].Value}: {table.Groups["folder"].Value} -->\n"
                + $"{(table.Groups["kind"].Value == "means" ? Means(runs) : Table(runs))}<!-- end -->";
        });
        foreach (var (kind, folder, recipe) in ResultsPage.Sections(recorded))
        {
            var (results, file) = (Path.Combine(Repository.Root, "results", folder), Path.Combine(Repository.Root, "results", recipe));
            var report = Report(kind, file, results);
            made = ResultsPage.With(made, folder, recipe, report);
            if (Environment.GetEnvironmentVariable("REFILLED_RECORD_RESULTS") == "1") ResultsPage.Draw(results, report);
            if (report.Picture() is { } picture)
                Assert.Equal(SvgSheet.Text(picture),
                    File.ReadAllText(Path.Combine(results, ResultsPage.PictureName)).ReplaceLineEndings("\n"));
        }
        if (Environment.GetEnvironmentVariable("REFILLED_RECORD_RESULTS") == "1") File.WriteAllText(path, made);
        Assert.True(File.ReadAllText(path).ReplaceLineEndings("\n") == made,
            "RESULTS.md differs from the files under results/. Make its tables anew: run this test with REFILLED_RECORD_RESULTS=1.");
    }

    private static TableReport Report(string kind, string recipe, string results)
    {
        TablePlan plan = kind == ResultsPage.Grid ? GridPlan.Expand(RecipeReader.Read<GridRecipe>(recipe, []))
            : FewShotPlan.Expand(RecipeReader.Read<FewShotTableRecipe>(recipe, []));
        return plan.Report(new TableResults(results).Read(plan));
    }

    private static List<RunResult> Runs(string folder) =>
        [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => JsonSerializer.Deserialize<RunResult>(File.ReadAllText(file), RunFolder.Json)!)
            .OrderBy(run => run.Split, StringComparer.Ordinal).ThenBy(run => run.Epochs).ThenBy(run => run.Method, StringComparer.Ordinal)
                .ThenBy(run => run.Seed)];

    private static string Table(List<RunResult> runs) =>
        "| method | network | classes | seed | training images | epochs | top-1, last epoch | top-1, "
            + "selected epoch | nearest class mean | seconds |\n|---|---|---|---|---|---|---|---|---|---|\n"
            + string.Concat(runs.Select(run => string.Create(CultureInfo.InvariantCulture,
                $"| {run.Method} | {run.Student} | {run.Split} | {run.Seed} | {run.TrainImages} | {run.Epochs} | {run.Top1:0.00} | "
                    + $"{run.Top1Selected:0.00} | {run.Ncm:0.00} | {run.Seconds:0} |\n")));

    /// <summary>Students alone: the mean and standard deviation over the seeds.</summary>
    private static string Means(List<RunResult> runs) =>
        "| method | epochs | runs | top-1, last epoch |\n|---|---|---|---|\n"
            + string.Concat(runs.GroupBy(run => run.Split).Where(own => own.DistinctBy(run => run.Method).Count() > 1)
                .SelectMany(own => own).GroupBy(run => (run.Method, run.Epochs)).Select(group =>
            {
                var mean = group.Average(run => run.Top1);
                var deviation = Math.Sqrt(group.Sum(run => (run.Top1 - mean) * (run.Top1 - mean)) / (group.Count() - 1));
                var spread = group.Count() > 1 ? string.Create(CultureInfo.InvariantCulture, $" ± {deviation:0.0}") : "";
                return (mean, Line: string.Create(CultureInfo.InvariantCulture,
                    $"| {group.Key.Method} | {group.Key.Epochs} | {group.Count()} | {mean:0.0}{spread} |\n"));
            }).OrderBy(pair => pair.mean).Select(pair => pair.Line));

    [GeneratedRegex("<!-- (?<kind>table|means): (?<folder>[^ ]+) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Tables();
}
