using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
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
        var made = Tables().Replace(recorded, table => $"<!-- table: {table.Groups["folder"].Value} -->\n{Table(Path.Combine(Repository.Root, "results", table.Groups["folder"].Value))}<!-- end -->");
        if (Environment.GetEnvironmentVariable("REFILLED_RECORD_RESULTS") == "1") File.WriteAllText(path, made);
        Assert.True(File.ReadAllText(path).ReplaceLineEndings("\n") == made, "RESULTS.md differs from the files under results/. Make its tables anew: run this test with REFILLED_RECORD_RESULTS=1.");
    }

    private static string Table(string folder)
    {
        var rows = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => JsonSerializer.Deserialize<RunResult>(File.ReadAllText(file), RunFolder.Json)!)
            .OrderBy(run => run.Split, StringComparer.Ordinal).ThenBy(run => run.Epochs).ThenBy(run => run.Method, StringComparer.Ordinal).ThenBy(run => run.Seed);
        return "| method | network | classes | seed | training images | epochs | top-1, last epoch | top-1, selected epoch | nearest class mean | seconds |\n|---|---|---|---|---|---|---|---|---|---|\n"
            + string.Concat(rows.Select(run => string.Create(CultureInfo.InvariantCulture,
                $"| {run.Method} | {run.Student} | {run.Split} | {run.Seed} | {run.TrainImages} | {run.Epochs} | {run.Top1:0.00} | {run.Top1Selected:0.00} | {run.Ncm:0.00} | {run.Seconds:0} |\n")));
    }

    [GeneratedRegex("<!-- table: (?<folder>[^ ]+) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Tables();
}
