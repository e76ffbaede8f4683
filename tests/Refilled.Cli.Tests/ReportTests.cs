using System.Text.RegularExpressions;

namespace Refilled.Cli.Tests;

public sealed partial class ReportTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public async Task A_report_is_one_page_that_names_no_other()
    {
        var page = await Report("whole.html", runs.Lkd, runs.Student, "--licence", "CC0 & more");
        foreach (var part in "summary curves classes confusion reliability duplicates map costs settings card".Split(' '))
            Assert.Contains($"<section id=\"{part}\">", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("""(src|href)="(?!data:|#)""", page);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("CC0 &amp; more", page, StringComparison.Ordinal);
        var ids = Id().Matches(page).Select(match => match.Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(Link().Matches(page).Select(match => match.Groups[1].Value), name => Assert.Contains($" id=\"{name}\"", ids));
    }

    [Fact]
    public async Task Without_its_images_a_report_says_so_and_leaves_the_pictures_out()
    {
        var copy = runs.Folder["moved"];
        CopyFolder(runs.Lkd, copy);
        var recipe = Path.Combine(copy, "recipe.yaml");
        await File.WriteAllTextAsync(recipe,
            (await File.ReadAllTextAsync(recipe)).Replace(TrainedRuns.Data, "folder:nowhere", StringComparison.Ordinal));
        var page = await Report("moved.html", copy);
        Assert.Contains("--data names their place", page, StringComparison.Ordinal);
        Assert.Contains("<section id=\"curves\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<section id=\"map\">", page, StringComparison.Ordinal);
        Assert.Contains("<section id=\"map\">", await Report("found.html", copy, "--data", TrainedRuns.Data),
            StringComparison.Ordinal);
        await Run(ExitCode.BadInput, "report", copy, "--data", "folder:nowhere", "--out", runs.Folder["none.html"]);
        Assert.False(File.Exists(runs.Folder["none.html"]));
    }

    [Fact]
    public async Task A_damaged_record_of_the_machine_is_told_and_the_rest_is_shown()
    {
        var copy = runs.Folder["unknown"];
        CopyFolder(runs.Lkd, copy);
        await File.WriteAllTextAsync(Path.Combine(copy, "environment.json"), "{\"host\":");
        var page = await Report("unknown.html", copy);
        Assert.Contains("environment.json can&#39;t be read", page, StringComparison.Ordinal);
        Assert.Contains("<section id=\"map\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_folder_the_first_run_that_was_taught_is_looked_at_and_other_images_are_told()
    {
        CopyFolder(runs.Folder["teacher"], runs.Folder["pair", "a teacher"]);
        CopyFolder(runs.Lkd, runs.Folder["pair", "taught"]);
        var page = await Report("folder.html", runs.Folder["pair"]);
        Assert.Contains("by &#39;lkd&#39;</h1>", page, StringComparison.Ordinal);
        Assert.Contains("other test images", page, StringComparison.Ordinal); // The teacher's.
    }

    [Fact]
    public async Task A_run_that_has_no_network_yet_has_its_curves()
    {
        var copy = runs.Folder["early"];
        CopyFolder(runs.Lkd, copy);
        foreach (var name in new[] { "network.safetensors", "result.json" }) File.Delete(Path.Combine(copy, name));
        await File.AppendAllTextAsync(Path.Combine(copy, "metrics.jsonl"), "{\"stage\":\"cla");
        var page = await Report("early.html", copy);
        Assert.Contains("was stopped after 2 epochs", page, StringComparison.Ordinal);
        Assert.Contains("<section id=\"curves\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_run_is_refused()
    {
        Directory.CreateDirectory(runs.Folder["empty"]);
        Assert.Contains("no run", (await Run(ExitCode.BadInput, "report", runs.Folder["empty"])).Error, StringComparison.Ordinal);
        foreach (var path in new[] { "", Path.Combine(runs.Lkd, "recipe.yaml", "x.html"), "/proc/x.html" })
            Assert.Contains(path.Length == 0 ? "names the page" : "can't be written",
                (await Run(ExitCode.BadInput, "report", runs.Lkd, "--out", path)).Error, StringComparison.Ordinal);
        Assert.Contains("is a folder",
            (await Run(ExitCode.BadInput, "report", runs.Lkd, "--out", runs.Folder["empty"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_networks_are_compared_image_by_image()
    {
        var told = Last(await Run(0, "compare", runs.Lkd, runs.Student, "--json"));
        var (first, second) = (told.GetProperty("first"), told.GetProperty("second"));
        var images = first.GetProperty("images").GetInt32();
        Assert.Equal(18, images);
        int Count(string name) => told.GetProperty(name).GetArrayLength();
        Assert.Equal(told.GetProperty("both").GetInt32() + Count("firstAlone"), first.GetProperty("right").GetInt32());
        Assert.Equal(told.GetProperty("both").GetInt32() + Count("secondAlone"), second.GetProperty("right").GetInt32());
        var (better, mean) = (second.GetProperty("right").GetInt32() - first.GetProperty("right").GetInt32(),
            told.GetProperty("gain").GetProperty("mean").GetDouble());
        Assert.Equal((double)better / images, mean, 1e-9);
        Assert.Contains("right on the same images", (await Run(0, "compare", runs.Lkd, runs.Lkd)).Output, StringComparison.Ordinal);
        Assert.Contains("name them with --data", (await Run(ExitCode.BadInput, "compare",
            Path.Combine(runs.Folder.Path, "x.onnx"), runs.Lkd)).Error, StringComparison.Ordinal);
        Assert.Contains("doesn't know", (await Run(ExitCode.BadInput, "compare", runs.Lkd, runs.Folder["teacher"])).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_listed_with_their_states()
    {
        var copy = runs.Folder["listed", "cut"];
        CopyFolder(runs.Lkd, copy);
        File.Delete(Path.Combine(copy, "result.json"));
        CopyFolder(runs.Student, runs.Folder["listed", "whole"]);
        await File.WriteAllTextAsync(Path.Combine(copy, "environment.json"), "{");
        var told = Last(await Run(0, "runs", runs.Folder["listed"], "--json")).EnumerateArray().ToList();
        Assert.Equal(["stopped", "done"], told.Select(run => run.GetProperty("state").GetString()));
        Assert.Equal(2, told[0].GetProperty("planned").GetInt32());
        Assert.StartsWith("environment.json", told[0].GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        var printed = await Run(0, "runs", runs.Folder["listed"]);
        Assert.Matches("done +whole +student +wrn-10-1 +2 of 2 epochs, top-1", printed.Output);
        Assert.Contains("--resume", printed.Error, StringComparison.Ordinal);
        Assert.Contains("no folder", (await Run(ExitCode.BadInput, "runs", runs.Folder["nowhere"])).Error, StringComparison.Ordinal);
    }

    private async Task<string> Report(string name, params string[] args)
    {
        await Run(0, ["report", .. args, "--out", runs.Folder[name]]);
        return await File.ReadAllTextAsync(runs.Folder[name]);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    [GeneratedRegex(" id=\"[^\"]+\"")]
    private static partial Regex Id();

    [GeneratedRegex("href=\"#([^\"]+)\"")]
    private static partial Regex Link();
}
