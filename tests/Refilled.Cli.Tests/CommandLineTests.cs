using System.Text.Json;
using Refilled.Tables;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>The command as its user meets it: results, messages and exit codes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public CommandLineTests() => data = "cifar100:" + TinyCifar.Archive(folder["tiny.tar.gz"], TinyCifar.Files());

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Pretrain_distill_and_evaluate_print_their_objects()
    {
        var teacher = Last(await Run(0, "pretrain", "--data", data, "--classes", "0-3", "--model", "wrn-10-1", "--epochs", "1", "--batch",
            "32", "--out", folder["t"], "--json"));
        Assert.Equal("wrn-10-1", teacher.GetProperty("student").GetString());

        var student = Last(await Run(0, "distill", "--data", data, "--classes", "4-7", "--teacher", folder["t"], "--student", "wrn-10-1",
            "--epochs1", "1", "--epochs", "2", "--batch", "32", "--out", folder["s"], "--json"));
        Assert.Equal(["method", "student", "teacher", "seed", "top1", "top1Selected", "ncm", "validation", "epochs", "trainImages",
            "seconds", "run"], student.EnumerateObject().Select(p => p.Name));
        Assert.Equal("refilled", student.GetProperty("method").GetString());
        Assert.Equal(3, student.GetProperty("epochs").GetInt32());
        Assert.Equal(72, student.GetProperty("trainImages").GetInt32());
        Assert.Equal(TableResults.ReadRun(folder["s"]).Top1, student.GetProperty("top1").GetDouble());

        var measured = Last(await Run(0, "evaluate", folder["s"], "--json"));
        Assert.Equal(["top1", "top5", "ncm", "nn1", "balanced", "calibrationError", "temperature", "images", "part", "classes", "notes",
            "reading", "measuring"], measured.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("test", 4), (measured.GetProperty("part").GetString(), measured.GetProperty("classes").GetArrayLength()));
        Assert.Equal(measured.GetProperty("classes").EnumerateArray().Average(one => one.GetProperty("accuracy").GetDouble()),
            measured.GetProperty("balanced").GetDouble(), 1e-2);
        Assert.Equal(student.GetProperty("top1Selected").GetDouble(), measured.GetProperty("top1").GetDouble());
        Assert.Equal(20, measured.GetProperty("images").GetInt32());

        var again = await Run(0, "distill", "--resume", "--out", folder["s"], "--json");
        Assert.Equal(student.GetProperty("top1").GetDouble(), Last(again).GetProperty("top1").GetDouble());
        Assert.Contains("complete", again.Error, StringComparison.Ordinal);
        Assert.Contains("\n  --epochs: stage2.epochs was 2, is 3",
            (await Run(2, "distill", "--resume", "--out", folder["s"], "--epochs", "3")).Error, StringComparison.Ordinal);
        Assert.Contains("already holds a run", (await Run(2, "pretrain", "--data", data, "--classes", "0-3", "--out", folder["s"])).Error,
            StringComparison.Ordinal);

        // The student's classes are the wrong ones for a teacher of them, and for another number of classes.
        Assert.Contains("must not overlap",
            (await Run(2, "distill", "--data", data, "--classes", "2-5", "--teacher", folder["t"], "--out", folder["x"])).Error,
            StringComparison.Ordinal);
        Assert.Contains("doesn't know 4 (class0, class1, class2 …)", (await Run(2, "evaluate", folder["s"], "--classes", "0-5")).Error,
            StringComparison.Ordinal);
        Assert.Matches("top-1 .* \\(10 test images\\)\n.*the worst:\n  class[45] .*\n  class[45] .*\n"
            + "expected calibration error .* \\(temperature .*\\)\nread .* a second\\), measured .* a second\\)",
            (await Run(0, "evaluate", folder["s"], "--classes", "4,5")).Output);
        Assert.False(Directory.Exists(folder["x"]), "a refused run left a folder");
    }

    [Theory]
    [InlineData("destill", "destill")]
    [InlineData("--epochz", "pretrain", "--epochz", "3")]
    [InlineData("missing.tar.gz", "data", "inspect", "cifar100:missing.tar.gz")]
    [InlineData("cifar100", "data", "inspect", "cifar10:x")]
    public async Task What_cannot_be_understood_ends_with_2(string mention, params string[] args)
    {
        var run = await Run(2, args);
        Assert.Empty(run.Output);
        Assert.Contains(mention, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_of_a_recipe_are_reported_at_once()
    {
        var recipe = folder.Write("bad.yaml", "classes: easy:student\nstudent: wrn-16-0\nstage2:\n  epochz: 3\n  epochs: many\n");
        var error = (await Run(2, "distill", "--recipe", recipe, "--method", "refild", "--batch", "1")).Error;
        Assert.Contains("bad.yaml:4: stage2.epochz: unknown key. Did you mean 'epochs'?", error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:5: stage2.epochs: expected a whole number, not 'many'", error, StringComparison.Ordinal);
        Assert.Contains("the key 'data' is missing", error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:2: student: There is no network 'wrn-16-0'", error, StringComparison.Ordinal);
        Assert.Contains("--method: method: There is no method 'refild'", error, StringComparison.Ordinal);
        Assert.Contains("--batch: batch: must be from 2", error, StringComparison.Ordinal);

        recipe = folder.Write("bad2.yaml", $"data: {data}\nclasses: easy:student\nstudent: wrn-16-0\n");
        error = (await Run(2, "distill", "--recipe", recipe, "--method", "refild", "--batch", "1")).Error;
        Assert.Contains("bad2.yaml:3: student: There is no network 'wrn-16-0'", error, StringComparison.Ordinal);
        Assert.Contains("--method: method: There is no method 'refild'. Did you mean 'refilled'?", error, StringComparison.Ordinal);
        Assert.Contains("--batch: batch: must be from 2", error, StringComparison.Ordinal);
    }

    /// <summary>Also where the recipe is right without the option, and where nothing was given.</summary>
    [Theory]
    [InlineData("--data: the key 'data' is missing", "pretrain", "--model", "wrn-10-1")]
    [InlineData("--teacher: teacher: the method 'refilled' reads a teacher", "distill", "--data", "generated")]
    [InlineData("--epochs: stage2.epochs: must be from 1 to 100000, not 0", "pretrain", "--data", "generated", "--epochs", "0")]
    [InlineData("--model: student: There is no network 'resnet18'. Did you mean 'resnet-18'?", "pretrain", "--data", "generated",
        "--model", "resnet18")]
    [InlineData("stage2.warm-up: must be from 0 to less than the epochs (5), not 7 (epochs is given by --epochs)", "pretrain", "--data",
        "generated", "--epochs", "5", "--set", "stage2.warm-up=7")]
    [InlineData("--backbone: the key 'backbone' is missing", "fewshot", "--data", "generated")]
    public async Task A_problem_is_called_by_the_option_that_was_typed(string message, params string[] args)
    {
        var lines = (await Run(2, args)).Error.Split('\n');
        Assert.Contains(lines, line => line.Contains(message, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("command line", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_loss_that_is_no_number_ends_with_1_and_keeps_the_last_checkpoint()
    {
        var run = await Run(1, "pretrain", "--data", data, "--classes", "0-3", "--model", "wrn-10-1", "--epochs", "3", "--batch", "16",
            "--out", folder["n"],
            "--set", "stage2.schedule=constant", "--set", "stage2.learning-rate=1e30", "--set", "checkpoint-steps=1");
        Assert.Contains("NaN or infinite in stage 'classifier', epoch 1, step", run.Error, StringComparison.Ordinal);
        Assert.Contains("last good checkpoint is kept", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["n", "checkpoint.safetensors"]));
        Assert.False(File.Exists(folder["n", "result.json"]));
    }

    [Fact]
    public async Task Output_folders_that_cannot_be_used_are_refused()
    {
        File.WriteAllText(folder["file"], "");
        Assert.Contains("is a file", (await Run(2, "pretrain", "--data", data, "--classes", "0-3", "--out", folder["file"])).Error,
            StringComparison.Ordinal);
        Assert.Contains("can't be written",
            (await Run(2, "pretrain", "--data", data, "--classes", "0-3", "--out", folder["file", "below"])).Error,
            StringComparison.Ordinal);
        folder.Write("full/other.txt", "mine");
        Assert.Contains("not empty", (await Run(2, "pretrain", "--data", data, "--classes", "0-3", "--out", folder["full"])).Error,
            StringComparison.Ordinal);
        Assert.Contains("no run to resume", (await Run(2, "distill", "--resume", "--out", folder["full"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_inspect_shows_classes_and_counts()
    {
        var shown = Last(await Run(0, "data", "inspect", data, "--json"));
        Assert.Equal(160, shown.GetProperty("trainImages").GetInt32());
        Assert.Equal("class3", shown.GetProperty("classes")[3].GetProperty("name").GetString());
        Assert.Equal("group1", shown.GetProperty("classes")[3].GetProperty("group").GetString());
        Assert.Contains("8 classes, 160 training and 40 test images", (await Run(0, "data", "inspect", data)).Output,
            StringComparison.Ordinal);
        Assert.Equal(200, shown.GetProperty("reading").GetProperty("images").GetInt32());
        Assert.True(shown.GetProperty("reading").GetProperty("imagesPerSecond").GetDouble() > 0);
        Assert.Equal(0, shown.GetProperty("duplicates").GetProperty("exact").GetProperty("inTwoParts").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Data_inspect_names_pictures_that_stand_twice()
    {
        var files = Enumerable.Range(0, 9).ToDictionary(i => $"{(i < 6 ? "train" : "test")}/{"ab"[i % 2]}/{i}.png",
            i => MadeUpFiles.Picture(i));
        for (var i = 0; i < 7; i++) files[$"train/b/again{i}.png"] = files["train/a/0.png"];
        files["test/a/seen.png"] = files["train/a/2.png"];
        var photos = "folder:" + MadeUpFiles.Folder(folder["photos"], files);
        var printed = (await Run(0, "data", "inspect", photos)).Output;
        Assert.Contains("the same picture in two classes: 7\n  train/a/0.png = train/b/again0.png\n", printed, StringComparison.Ordinal);
        Assert.Contains("  and 2 more\n", printed, StringComparison.Ordinal);
        Assert.Contains("the same picture in two of training, validation and test: 1\n  train/a/2.png = test/a/seen.png\n", printed,
            StringComparison.Ordinal);
        Assert.Matches("read 17 images in .* a second\\), compared 17 images in .* a second\\)\n", printed);
        var exact = Last(await Run(0, "data", "inspect", photos, "--json")).GetProperty("duplicates").GetProperty("exact");
        Assert.Equal(7, exact.GetProperty("inTwoClasses").GetProperty("pictures").GetArrayLength());
        Assert.Equal("test/a/seen.png",
            exact.GetProperty("inTwoParts").GetProperty("pictures")[0].GetProperty("again").GetString());
    }

    [Fact]
    public async Task Of_a_folder_that_a_network_was_not_trained_on_all_images_are_measured()
    {
        Dictionary<string, byte[]> Pictures(int from, int perClass) => Enumerable.Range(from, 2 * perClass)
            .ToDictionary(i => $"{"ab"[i % 2]}/{i}.png", i => MadeUpFiles.Picture(i));
        var own = "folder:" + MadeUpFiles.Folder(folder["own"], Pictures(0, 10));
        await Run(0, "pretrain", "--data", own, "--image-size", "16", "--model", "wrn-10-1", "--epochs", "1", "--batch", "8", "--out",
            folder["p"], "--json");
        var other = "folder:" + MadeUpFiles.Folder(folder["other"], Pictures(100, 6));
        string Part(JsonElement measured) => $"{measured.GetProperty("images")} {measured.GetProperty("part")}";
        Assert.Equal("4 test", Part(Last(await Run(0, "evaluate", folder["p"], "--json"))));
        // The same folder by its name, or elsewhere, was trained on.
        Assert.Equal("4 test", Part(Last(await Run(0, "evaluate", folder["p"], "--data", own, "--json"))));
        var run = await Run(0, "evaluate", folder["p"], "--data", other);
        Assert.Contains("(all 12 images)", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nearest", run.Output, StringComparison.Ordinal);
        Assert.Contains("nearest class mean and nearest neighbour are left out", run.Error, StringComparison.Ordinal);
        Assert.Equal("12 all", Part(Last(await Run(0, "evaluate", Path.Combine(folder["p"], "network.safetensors"), "--data", other,
            "--json"))));
    }

    [Fact]
    public async Task A_sheet_of_views_takes_augmentations_as_recipes_do()
    {
        async Task<byte[]> Sheet(params string[] options)
        {
            await Run(0, ["data", "inspect", data, "--sheet", folder["sheet.png"], "--views", "2", .. options]);
            return File.ReadAllBytes(folder["sheet.png"]);
        }
        byte[][] sheets =
        [
            await Sheet(), await Sheet("--augmentation", "letters"), await Sheet("--augmentation", "{preset: letters, mixup: 1}"),
            await Sheet("--augmentation", "{preset: letters, cutmix: 1}"),
        ];
        Assert.Equal(4, sheets.Select(Convert.ToHexString).Distinct().Count());
        Assert.Contains("Did you mean 'letters'?", (await Run(2, "data", "inspect", data, "--augmentation", "leters")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_trains_a_step() =>
        Assert.True(Last(await Run(0, "doctor", "--json")).GetProperty("stepMilliseconds").GetDouble() > 0);
}
