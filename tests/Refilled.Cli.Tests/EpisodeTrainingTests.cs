using Refilled.Experiments;
using System.Text.Json;
using Refilled.FewShot.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;

namespace Refilled.Cli.Tests;

/// <summary>From a backbone to few-shot learners by the shipped quick recipes, made quicker still.</summary>
public sealed class EpisodeTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backbone_is_trained_and_episodes_go_on_from_it()
    {
        var (backbone, _) = await Pretrain(0, "backbone", "backbone", "--epochs", "2");
        Assert.Equal(("student", JsonValueKind.Null),
            (backbone.GetProperty("method").GetString(), backbone.GetProperty("startHash").ValueKind));
        Assert.InRange(backbone.GetProperty("validation").GetDouble(), 1, 99);
        // 24 classes with 30 images each, three of which are the test.
        Assert.Equal((24 * 27, 0, 24 * 3), (backbone.GetProperty("trainImages").GetInt32(),
            backbone.GetProperty("heldOutImages").GetInt32(), backbone.GetProperty("testImages").GetInt32()));

        foreach (var (method, loss) in new[] { ("protonet", "prototypes"), ("feat", "set-to-set") })
        {
            var (result, _) = await Pretrain(0, method, method, "--start", folder["backbone"], "--epochs", "1");
            Assert.Equal((method, 1), (result.GetProperty("method").GetString(), result.GetProperty("epochs").GetInt32()));
            Assert.Equal(64, result.GetProperty("startHash").GetString()!.Length);
            Assert.Contains($"\"{loss}\":", File.ReadAllText(folder[method, "metrics.jsonl"]), StringComparison.Ordinal);
            // The classifier is the class means, so that the network is one like any other.
            var (output, _) = await Run(0, "evaluate", folder[method], "--json");
            Assert.Equal(result.GetProperty("top1Selected").GetDouble(),
                Last(output).GetProperty("top1").GetDouble());
            var network = NetworkFile.Load(folder[method, "network.safetensors"], Precision.Fp32);
            Assert.Equal(24, network.ClassNames.Count);
            Assert.Equal(method == "feat", File.Exists(folder[method, "adapter.safetensors"]));
            if (method != "feat") continue;
            using var adapter = AdapterFile.Load(folder[method, "adapter.safetensors"], network.Network);
            Assert.Equal(32, ((SetToSetLoss)adapter.Spec).Temperature);
        }
        Assert.Contains("complete", (await Run(0, "pretrain", "--resume", "--out", folder["feat"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_can_not_be_one_is_refused_before_anything_is_written()
    {
        var network = folder["other.safetensors"];
        NetworkFile.Save(network, new TrainedNetwork(NetworkCatalog.Create("wrn-10-2", new NetworkOptions(2)), ["a", "b"]));
        async Task Refused(string message, params string[] args)
        {
            Assert.Contains(message, (await Pretrain(2, "protonet", "refused", args)).Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder["refused"]), "a refused run left a folder");
        }
        var student = Student();
        await Refused($"The start '{network}' is a wrn-10-2, but the student is a {student}; they must be the same.", "--start", network);
        await Refused($"There is no start '{folder["nowhere"]}'", "--start", folder["nowhere"]);
        await Refused("holds no finished run", "--start", folder.Path);
        await Refused("must not overlap, but they share 4", "--set", "validation.classes=20-27");
        await Refused("Of the stage 'embedding' of the method 'protonet': A task of 30 classes can't be drawn from 24", "--set",
            "losses.prototypes.episode.way=30");
    }

    private static string Student() =>
        File.ReadLines(Recipe("common")).Single(line => line.StartsWith("student: ", StringComparison.Ordinal))["student: ".Length..];

    private static string Recipe(string name) => Path.Combine(Repository.Root, "recipes", "middle-shot", "quick", name + ".yaml");

    private async Task<(JsonElement Result, string Error)> Pretrain(int expected, string recipe, string name, params string[] more)
    {
        var (_, error) = await Run(expected, ["pretrain", "--recipe", Recipe(recipe), "--data", "generated:0,classes=40,train=24,test=6",
            "--threads", "1", "--set", "stage2.episodes-per-epoch=3",
            "--set", "validation.tasks=10", "--out", folder[name], .. more]);
        return (expected == 0 ? JsonDocument.Parse(File.ReadAllText(folder[name, "result.json"])).RootElement : default, error);
    }
}
