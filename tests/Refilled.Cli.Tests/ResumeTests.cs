using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;

namespace Refilled.Cli.Tests;

/// <summary>Runs that are cut and go on end as if nothing had happened.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private string recipe;

    public ResumeTests()
    {
        data = "cifar100:" + TinyCifar.Archive(folder["tiny.tar.gz"], TinyCifar.Files());
        recipe = folder.Write("recipe.yaml", "");
    }

    /// <summary>Once with prepared centres, on mixed images, with classes that are weighed; once with connectors and their batch norm,
    /// in both stages of a recipe's own method; once by few-shot tasks, selected by such, with an adapter that is kept.</summary>
    [Theory]
    [InlineData("augmentation: { mixup: 0.2, cutmix: 1 }\nstage1: { mixed: false }\n"
        + "losses: { cross-entropy: { class-weights: balanced } }\n")]
    [InlineData("""
        method: tasks
        accumulate: 2
        validation: { classes: 0-3, tasks: 10, way: 3, query: 4 }
        stage1: { episodes-per-epoch: 12 }
        stages:
        - losses: { prototypes: { temperature: 8, episode: { way: 3, shot: 2, query: 3 } } }
        - name: classifier
          losses: { set-to-set: { temperature: 8, dropout: 0.5, episode: { way: 3, shot: 2, query: 3 } } }

        """)]
    [InlineData("method: connected\nstages:\n- losses: { hint: {}, relational-knowledge: 1 }\n"
        + "- losses: { cross-entropy: 1, variational-information: 1, hint: { weight: 0.1, batch-norm: false } }\n")]
    public async Task Killed_in_each_stage_a_run_ends_with_the_same_bits(string stages)
    {
        recipe = folder.Write("recipe.yaml", stages);
        SaveTeacher();
        await Run(0, Distill("whole"));

        KillWhen(Distill("cut"), () => Lines("cut", "embedding") >= 1);
        Assert.Equal(0, Lines("cut", "classifier"));
        KillWhen(Distill("cut", "--resume"), () => Lines("cut", "classifier") >= 1);
        Assert.False(File.Exists(folder["cut", "result.json"]), "the run ended before it was killed in its second stage");
        await Run(0, Distill("cut", "--resume"));

        string[] written = ["network-last.safetensors", "network.safetensors", "adapter.safetensors"];
        var hasAdapter = stages.Contains("set-to-set", StringComparison.Ordinal);
        foreach (var file in written.Where(file => file != "adapter.safetensors" || hasAdapter))
            Assert.Equal(File.ReadAllBytes(folder["whole", file]), File.ReadAllBytes(folder["cut", file]));
        Assert.Equal(Timeless("whole"), Timeless("cut"));
    }

    [Fact]
    public void Interrupted_it_writes_a_checkpoint_and_says_how_to_go_on()
    {
        SaveTeacher();
        using var run = CommandProcess.Start(Distill("run", "--set", "stage2.epochs=500"));
        WaitFor(run, () => Lines("run", "embedding") >= 1);
        run.Interrupt();
        var (code, output, error) = run.Wait();
        Assert.Equal(130, code);
        Assert.Empty(output);
        Assert.Contains($"refilled distill --resume --out {folder["run"]}", error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["run", "checkpoint.safetensors"]));
    }

    public void Dispose() => folder.Dispose();

    private void SaveTeacher() => NetworkFile.Save(folder["teacher.safetensors"],
        new TrainedNetwork(NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4)), ["class0", "class1", "class2", "class3"]));

    // Global centres, so that an objective has a state of its own to bring back; checkpoints within epochs, too.
    private string[] Distill(string name, params string[] more) =>
    [
        "distill", "--recipe", recipe, "--data", data, "--classes", "4-7", "--teacher", folder["teacher.safetensors"],
        "--student", "wrn-10-1", "--batch", "16", "--epochs1", "4", "--epochs", "4", "--threads", "1",
        "--set", "losses.local-classifier.centres=global", "--set", "checkpoint-steps=2", "--out", folder[name], .. more,
    ];

    private static void KillWhen(string[] args, Func<bool> reached)
    {
        using var process = CommandProcess.Start(args);
        WaitFor(process, reached);
        process.Kill();
    }

    private static void WaitFor(CommandProcess process, Func<bool> reached)
    {
        var end = DateTime.UtcNow.AddMinutes(1);
        while (!reached())
        {
            if (process.HasExited) Assert.Fail($"the run ended early: {process.Wait()}");
            Assert.True(DateTime.UtcNow < end, "the run doesn't get there");
            Thread.Sleep(5);
        }
    }

    private int Lines(string name, string stage)
    {
        var path = folder[name, "metrics.jsonl"];
        if (!File.Exists(path)) return 0;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n').Count(line => line.Contains($"\"stage\":\"{stage}\"", StringComparison.Ordinal));
    }

    /// <summary>The metrics without their times.</summary>
    private IEnumerable<string> Timeless(string name) =>
        File.ReadLines(folder[name, "metrics.jsonl"]).Select(line => line[..line.IndexOf(",\"seconds\"", StringComparison.Ordinal)]);
}
