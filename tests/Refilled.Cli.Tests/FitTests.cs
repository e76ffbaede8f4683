using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>From a folder of pictures to a network that is exported, corrected and grown.</summary>
public sealed class FitTests : IDisposable
{
    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_folder_becomes_a_network_whose_labels_can_be_corrected()
    {
        var photos = files.Photographs("photos", 10, "ants", "bees");
        var wrong = Path.Combine(photos, "bees", "wrong.png");
        File.Copy(Directory.GetFiles(Path.Combine(photos, "ants"))[0], wrong);
        File.AppendAllText(wrong, "not the same file");
        var (plan, _) = await Run(0, "fit", photos, "--teacher", files.Network("teacher", size: 32), "--student", "wrn-10-1",
            "--time", "5m", "--precision", "fp32", "--threads", "1", "--dry-run", "--out", files.Folder["fit"]);
        Assert.False(Directory.Exists(files.Folder["fit"]), "nothing was to be done");
        string[] quick = ["--set", "candidates=[{method: student, views: 0}, {method: lkd}]", "--set", "folds=2", "--set", "repeats=1"];
        var (output, said) = await Run(
            0, ["fit", "--recipe", files.Folder.Write("plan.yaml", plan), .. quick, "--out", files.Folder["fit"]]);
        Assert.Contains("The network (wrn-10-1, 0.3 MB, ", output, StringComparison.Ordinal);
        Assert.Contains($"Worth a look:       {files.Folder["fit", "review.csv"]}: ", output, StringComparison.Ordinal);
        Assert.Contains("training: lkd, part 2 of 2", said, StringComparison.Ordinal);
        Assert.True(File.Exists(files.Folder["fit", "student.onnx"]));

        var review = files.Folder.Write("review.csv", $"file,label,seems,probability,correct\n{wrong},bees,ants,0.9,ants\n");
        var (json, corrected) = await Run(
            0, "fit", "--from", files.Folder["fit"], "--fix", review, "--out", files.Folder["fixed"], "--json");
        Assert.StartsWith("1 labels corrected, 0 images labelled, 0 left out.", corrected, StringComparison.Ordinal);
        Assert.Equal(2, Last(json).GetProperty("classes").GetArrayLength());
        var more = Path.Combine(files.Photographs("more", 6, "crabs"), "crabs");
        var (grown, _) = await Run(0, "fit", "--from", files.Folder["fixed"], "--add", more, "--out", files.Folder["grown"], "--json");
        Assert.Equal(["ants", "bees", "crabs"], Last(grown).GetProperty("classes").EnumerateArray().Select(one => one.GetString()));
        Assert.Contains(Last(grown).GetProperty("ways").EnumerateArray(), way => way.GetProperty("name").GetString() == "lkd-from-start");

        async Task Refused(string message, params string[] args)
        {
            Assert.Contains(message, (await Run(2, ["fit", .. args, "--out", files.Folder["refused"]])).Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(files.Folder["refused"]), "a refused fit left a folder");
        }
        await Refused("leave out the images", photos, "--fix", review);
        await Refused("either --fix", "--from", files.Folder["fit"]);
        await Refused("name its folder with --from", "--add", more);
        await Refused("There is no fit in", "--fix", review);
        await Refused("can't be read", "--from", files.Folder["fit"], "--fix", files.Folder["nowhere.csv"]);
        await Refused("an image of the earlier fit already", "--from", files.Folder["grown"], "--add", more);
        await Refused("such as 5m, not '5'", photos, "--time", "5");
        await Refused("too short", photos, "--teacher", "none", "--time", "0.001s");
        await Refused("Name the images");
        await Refused("holds 1 class ('crabs')", files.Folder["more"]);
        await Refused("There is no fit to go on with", "--resume");
        Assert.Contains("holds a fit already", (await Run(2, "fit", photos, "--out", files.Folder["fit"])).Error, StringComparison.Ordinal);
    }
}
