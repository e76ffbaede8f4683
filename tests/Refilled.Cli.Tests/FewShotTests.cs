using System.Text.Json;
using Refilled.FewShot.Losses;
using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>Few-shot learners from the command: over tasks, and on images of one's own.</summary>
public sealed class FewShotTests : IDisposable
{
    private readonly FewShotFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_learner_is_measured_and_its_result_written()
    {
        files.Network();
        var (output, error) = await Tasks(0, "--learner", "fine-tune", "--set", "fine-tune.training.steps=21", "--set",
            "fine-tune.parts=classifier", "--out", files.Folder["r.json"]);
        Assert.Matches(
            @"^fine-tune: [0-9.]+ ± [0-9.]+ % \(mean and 95 % interval over 3 tasks, 3-way 2-shot\); [0-9.]+ tasks a second\n"
                + @"after 20 steps: [0-9.]+ ± [0-9.]+ %, 21 steps: ", output);
        Assert.Contains("fine-tune: 3 tasks of 3 classes with 2 shots and 4 queries each, from 7 classes and 70 images", error,
            StringComparison.Ordinal);
        Assert.Contains("fine-tune 3/3 tasks", error, StringComparison.Ordinal);
        var written = JsonDocument.Parse(File.ReadAllText(files.Folder["r.json"])).RootElement;
        Assert.Equal(("middle-shot", 3, "0-6"), (written.GetProperty("setting").GetString(), written.GetProperty("right").GetArrayLength(),
            written.GetProperty("classes").GetString()));

        var result = Last(await Tasks(0, "--learner", "svm", "--set", "validation=7-11", "--set", "validation-tasks=2", "--json"));
        Assert.True(result.GetProperty("chosen").GetProperty("c").GetDouble() > 0);
        Assert.Equal(written.GetProperty("tasksHash").GetString(), result.GetProperty("tasksHash").GetString());
    }

    [Theory]
    [InlineData("There is no few-shot learner 'protnet'. Did you mean 'protonet'?", "--learner", "protnet")]
    [InlineData("A task of 9 classes can't be drawn from 7", "--way", "9")]
    [InlineData("30 shots and 4 queries need 34 of each class", "--shot", "30")]
    [InlineData("--query: episode.query: expected a whole number, not 'photos'", "--query", "photos")]
    [InlineData("the learner 'refilled' reads a teacher", "--learner", "refilled")]
    [InlineData("There is no teacher 'nobody'", "--learner", "refilled", "--teacher", "nobody")]
    [InlineData("There is no backbone 'nobody'", "--backbone", "nobody")]
    [InlineData("there is no adapter.safetensors", "--learner", "feat")]
    [InlineData("use --image-size 8", "--image-size", "16")]
    [InlineData("nothing to choose it on", "--learner", "svm")]
    [InlineData("names the class 12", "--classes", "0-30")]
    [InlineData("--save writes the network of one task, which needs --support", "--save", "x.safetensors")]
    [InlineData("svm.d: unknown key. Known here: c", "--set", "svm.d=1")]
    [InlineData("is a folder", "--out", ".")]
    public async Task What_cannot_be_used_ends_with_2(string message, params string[] args)
    {
        files.Network();
        var (output, error) = await Tasks(2, args);
        Assert.Empty(output);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classes_that_the_backbone_knows_are_refused()
    {
        var names = Refilled.Data.DataCatalog.Load(FewShotFiles.Data, null, TestContext.Current.CancellationToken).Train.ClassNames;
        files.Network(classes: [names[2], "x"]);
        Assert.Contains($"share 1 ({names[2]})", (await Tasks(2)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_of_ones_own_make_a_student_that_can_be_evaluated()
    {
        files.Network("backbone", new SetToSetLoss());
        files.Network("teacher", "resnet-8");
        var (support, query) = (files.Photographs("photos/train", 4, "ants", "bees"), files.Photographs("photos/test", 3, "ants", "bees"));
        var student = files.Folder["student.safetensors"];
        string[] own = ["fewshot", "--support", support, "--query", query, "--backbone", files.Folder["backbone"], "--threads", "1",
            "--device", "cpu", "--precision", "fp32"];
        var (output, _) = await Run(0, [.. own, "--teacher", files.Folder["teacher"], "--set", "refilled.stage1.steps=1", "--set",
            "refilled.stage2.steps=2", "--save", student]);
        Assert.Matches(
            @"^refilled: [0-9.]+ % of 6 images right, by 8 labelled ones of 2 classes .*\n"
                + @"  ants: [0-3] of 3\n  bees: [0-3] of 3\nstudent: ", output);

        var result = Last(await Run(0, [.. own, "--learner", "feat", "--save", student, "--json"]));
        var measured = Last(await Run(0, "evaluate", student, "--data", "folder:" + files.Folder["photos"], "--image-size", "8",
            "--hold-out", "0", "--threads", "1", "--device", "cpu", "--precision", "fp32", "--json"));
        Assert.Equal(result.GetProperty("accuracy").GetDouble(), measured.GetProperty("top1").GetDouble());

        Assert.Contains("these do: ncm, fine-tune", (await Run(2, [.. own, "--learner", "1nn", "--save", student])).Error,
            StringComparison.Ordinal);
        Assert.Contains("stands beside data", (await Run(2, [.. own, "--data", FewShotFiles.Data, "--learner", "ncm"])).Error,
            StringComparison.Ordinal);
        files.Photographs("one", 2, "ants");
        Assert.Contains("holds 1 class ('ants')",
            (await Run(2, "fewshot", "--support", files.Folder["one"], "--query", query, "--backbone", files.Folder["backbone"],
                "--learner", "ncm")).Error, StringComparison.Ordinal);
        files.Photographs("others", 2, "cats", "dogs");
        Assert.Contains("they share none",
            (await Run(2, "fewshot", "--support", support, "--query", files.Folder["others"], "--backbone", files.Folder["backbone"],
                "--learner", "ncm")).Error, StringComparison.Ordinal);
    }

    private Task<Printed> Tasks(int expected, params string[] args)
    {
        (string Name, string Value)[] common = [("--data", FewShotFiles.Data), ("--image-size", "8"), ("--classes", "0-6"),
            ("--backbone", files.Folder["backbone"]), ("--learner", "ncm"), ("--way", "3"), ("--shot", "2"), ("--query", "4"),
                ("--tasks", "3"), ("--threads", "1"), ("--device", "cpu"), ("--precision", "fp32")];
        return Run(expected, ["fewshot", .. common.Where(option => !args.Contains(option.Name))
            .SelectMany(option => new[] { option.Name, option.Value }), "--set", "join-test=true", .. args]);
    }
}
