using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>A table of few-shot learners from the command: run, cut, gone on with, and rendered.</summary>
public sealed class FewShotTableTests : IDisposable
{
    private const string Recipe = """
        title: Tiny
        data: generated:0,classes=10,train=6,test=4
        shots: [1, 2]
        base: { classes: 6-9, join-test: true, tasks: 4, image-size: 8, threads: 1, episode: { way: 3, query: 4 } }
        training: { classes: 0-5, student: wrn-10-1, image-size: 8, batch: 8, threads: 1, stage2: { epochs: 1 } }
        networks:
        - { name: backbone }
        rows:
        - { name: 1nn, learner: 1nn, backbone: backbone }
        - { name: protonet, learner: protonet, backbone: backbone }

        """;

    private readonly TemporaryFolder folder = new();
    private readonly string recipe;

    public FewShotTableTests() => recipe = folder.Write("tiny.yaml", Recipe);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Cut_it_goes_on_and_is_rendered_without_training()
    {
        string[] longer = ["--set", "training.stage2.epochs=40", "--set", "training.checkpoint-steps=1"];
        var cut = await RunUntil(folder["out", "backbone", "checkpoint.safetensors"], Line(longer));
        Assert.Empty(cut.Output);
        Assert.Contains("Run the same command again", cut.Error, StringComparison.Ordinal);
        var rest = await Table(0, ["--json", .. longer]);
        Assert.Contains("backbone: goes on", rest.Error, StringComparison.Ordinal);
        Assert.Contains("[5/5] protonet/2: ", rest.Error, StringComparison.Ordinal);
        var report = Last(rest);
        Assert.Equal((4, 4), (report.GetProperty("finished").GetInt32(), report.GetProperty("cells").GetInt32()));
        Assert.Equal(["1nn_1.json", "1nn_2.json", "network_backbone.json", "protonet_1.json", "protonet_2.json"],
            Directory.GetFiles(folder["out", "results"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var name in new[] { "table.md", "table.csv", "table.json" }) Assert.True(File.Exists(folder["out", name]), name);

        Directory.Delete(folder["out", "backbone"], recursive: true);
        Assert.StartsWith("Tiny\n\nAccuracy\n",
            (await Table(0, ["--render", folder["page.md"], .. longer])).Output, StringComparison.Ordinal);
        Assert.Contains("<!-- middle-shot: out/results tiny.yaml -->", File.ReadAllText(folder["page.md"]), StringComparison.Ordinal);
        Assert.Contains("was made with the recipe", (await Table(2)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learner: protonet", "learner: protnet", "rows[1].learner: There is no few-shot learner 'protnet'")]
    [InlineData("learner: protonet", "learner: feat",
        "needs what the loss 'set-to-set' trains beside its network, but 'backbone' is trained by the method student")]
    [InlineData("classes: 6-9", "classes: 5-9", "those that the network 'backbone' was trained on share 1")]
    [InlineData("way: 3", "way: 5", "A task of 5 classes can't be drawn from 4")]
    [InlineData("shots: [1, 2]", "shots: [1, 30]", "30 shots and 4 queries need 34 of each class")]
    [InlineData("data: generated:0,classes=10,train=6,test=4", "notes: []", "names no data: give them with --data")]
    public async Task Wrong_recipes_end_with_2_before_anything_is_trained(string was, string now, string message)
    {
        File.WriteAllText(recipe, Recipe.Replace(was, now, StringComparison.Ordinal));
        var (output, error) = await Table(2);
        Assert.Empty(output);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task One_recipe_is_needed() =>
        Assert.Contains("--quick", (await Table(2, "--quick")).Error, StringComparison.Ordinal);

    private Task<Printed> Table(int expected, params string[] args) => Run(expected, Line(args));

    private string[] Line(string[] more) => ["table", "middle-shot", "--recipe", recipe, "--out", folder["out"], .. more];
}
