using Refilled.Tests.Support;

namespace Refilled.Cli.Tests;

/// <summary>Figures from the command.</summary>
public sealed class FigureTests : IDisposable
{
    private const string Recipe = """
        title: Tiny
        data: generated:0,classes=6,train=12,test=4
        base: { hold-out: 0, batch: 12, views: 1, threads: 1, stage2: { epochs: 1 } }
        teacher: { student: wrn-10-1, batch: 16, hold-out: 0, threads: 1, stage2: { epochs: 1 } }
        student: wrn-10-1
        classes: [2, 6]
        batches: 1
        methods: [ { name: KD, losses: { cross-entropy: 1, soft-targets: 1 } } ]
        seeds: [0]

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_drawn_with_its_numbers_and_again_without_training()
    {
        var recipe = folder.Write("tiny.yaml", Recipe);
        using (var figure = CommandProcess.Start(["figure", "second-stage", "--recipe", recipe, "--out", folder["out"], "--json"]))
        {
            var (code, output, error) = figure.Wait();
            Assert.True(code == 0, error);
            Assert.Contains("\"finished\":1,\"runs\":1", output, StringComparison.Ordinal);
        }
        foreach (var name in new[] { "second-stage.svg", "second-stage.png", "second-stage.csv" })
            Assert.True(File.Exists(folder["out", name]), name);
        Assert.Equal(1 + 2 * 2, File.ReadLines(folder["out", "second-stage.csv"]).Count());

        Directory.Delete(folder["out", "runs"], recursive: true);
        using var again = CommandProcess.Start(["figure", "second-stage", "--recipe", recipe, "--results", folder["out", "results"],
            "--render", folder["drawn"]]);
        Assert.Equal(0, again.Wait().Code);
        Assert.Equal(File.ReadAllText(folder["out", "second-stage.svg"]), File.ReadAllText(folder["drawn", "second-stage.svg"]));
    }

    [Fact]
    public void What_can_not_be_done_ends_with_2()
    {
        var recipe = folder.Write("tiny.yaml", Recipe.Replace("[2, 6]", "[2, 7]", StringComparison.Ordinal));
        using var figure = CommandProcess.Start(["figure", "second-stage", "--recipe", recipe, "--out", folder["out"]]);
        var (code, _, error) = figure.Wait();
        Assert.Equal(2, code);
        Assert.Contains("classes: 7 classes are asked for, but base.classes names 6", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }
}
