using Refilled.Tables;
using System.Text.Json;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;

namespace Refilled.Cli.Tests;

/// <summary>Every method from the command, with a teacher of other classes and with one of the same.</summary>
public sealed class MethodTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;

    public MethodTests() => data = "cifar100:" + TinyCifar.Archive(folder["tiny.tar.gz"], TinyCifar.Files());

    public void Dispose() => folder.Dispose();

    // Those that read few-shot tasks have classes and images of another number, and tests of their own.
    public static TheoryData<string> CrossTask() =>
        [.. Methods.Names.Where(name => Methods.Create(name, new LossOptions()) is var method && !method.ComparesLogits
            && method.Stages.All(stage => stage.Episode is null))];

    // Those that the other test can't have, and one of each kind.
    public static TheoryData<string> Standard() => ["kd", "kd+vid", "at", "ft"];

    [Theory]
    [MemberData(nameof(CrossTask))]
    public async Task Every_method_runs_with_a_teacher_of_other_classes(string method)
    {
        var teacher = Teacher("0-3", "wrn-10-2", 4);
        await Check(method, await Distill(0, "--method", method, "--classes", "4-7", "--teacher", teacher));
    }

    [Theory]
    [MemberData(nameof(Standard))]
    public async Task Every_method_runs_with_a_teacher_of_the_same_classes(string method)
    {
        // Its classes stand in another order.
        var teacher = Teacher("7,5,4,6", "mobilenet-0.25", 4);
        await Check(method, await Distill(0, "--method", method, "--classes", "4-7", "--teacher", teacher, "--setting", "standard"));
    }

    [Fact]
    public async Task A_weighted_sum_from_a_recipe_runs_and_is_evaluated()
    {
        var recipe = folder.Write("mix.yaml", "method: mix-2\nstages:\n- losses: { tuple-alignment: 100, attention-transfer: 10 }\n"
            + "- losses: { cross-entropy: 1, local-classifier: { weight: 2, centres: global } }\n");
        var (result, _, run) = await Distill(0, "--recipe", recipe, "--classes", "4-7", "--teacher", Teacher("0-3", "wrn-10-1", 4));
        Assert.Equal(("mix-2", 2), (result.GetProperty("method").GetString(), result.GetProperty("epochs").GetInt32()));
        var metrics = File.ReadAllText(Path.Combine(run, "metrics.jsonl"));
        foreach (var loss in new[] { "tuple-alignment", "attention-transfer", "cross-entropy", "local-classifier" })
            Assert.Contains($"\"{loss}\":", metrics, StringComparison.Ordinal);
        var (output, _) = await Run(0, "evaluate", run, "--json");
        Assert.Equal(result.GetProperty("top1Selected").GetDouble(),
            Last(output).GetProperty("top1").GetDouble());
        Assert.Contains("complete", (await Run(0, "distill", "--resume", "--out", run)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_teacher_itself_may_stand_under_any_student_and_resumes()
    {
        string[] args = ["--method", "lr", "--classes", "4-7", "--teacher", Teacher("0-3", "wrn-10-2", 4), "--student", "wrn-10-1"];
        var (result, error, run) = await Distill(0, args);
        Assert.Contains("uses the teacher's own network: wrn-10-2 in place of wrn-10-1", error, StringComparison.Ordinal);
        Assert.Equal("wrn-10-2", result.GetProperty("student").GetString());
        Assert.Contains("\"l2\":", File.ReadAllText(Path.Combine(run, "metrics.jsonl")), StringComparison.Ordinal);
        File.Delete(Path.Combine(run, "result.json"));
        Assert.Equal(result.GetProperty("top1").GetDouble(),
            (await Distill(0, ["--resume", .. args])).Result.GetProperty("top1").GetDouble());
        Assert.Contains("hold-out must be above 0", (await Distill(2, [.. args, "--hold-out", "0", "--out", folder["none"]])).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logits_are_not_compared_between_different_classes()
    {
        var teacher = Teacher("3-6", "wrn-10-1", 4);
        string[] args = ["--method", "kd", "--classes", "4-7", "--teacher", teacher];
        Assert.Contains("setting: the method 'kd' compares the teacher's logits", (await Distill(2, args)).Error, StringComparison.Ordinal);
        Assert.Contains("must be the same, but of 4 and 4 they share 3", (await Distill(2, [.. args, "--setting", "standard"])).Error,
            StringComparison.Ordinal);
        var error = (await Distill(2, [.. args, "--setting", "overlapping"])).Error;
        Assert.Contains("The method 'kd' compares the teacher's logits with the student's class by class, "
            + "but the teacher doesn't know the class '", error, StringComparison.Ordinal);
        Assert.Contains("or a method that compares none: 1nn, ncm, lr, ft, student, student-long, fitnet, at, nst, vid, rkd, vanilla, "
            + "lkd, refilled, refilled-tuples, regress, regress+lkd, protonet, feat, maml.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]), "a refused run left a folder");
    }

    private static async Task Check(string method, (JsonElement Result, string Error, string Run) run)
    {
        Assert.Equal(method, run.Result.GetProperty("method").GetString());
        Assert.Equal(TableResults.ReadRun(run.Run).Top1, run.Result.GetProperty("top1").GetDouble());
        var network = Path.Combine(run.Run, "network.safetensors");
        var isNetwork = Methods.Create(method, new LossOptions()).Classifier is not Refilled.Evaluation.NearestNeighbourClassifier;
        Assert.Equal(isNetwork, File.Exists(network));
        if (!isNetwork) return;
        // What is exported is a network like any other: connectors are gone.
        Assert.Equal(4, NetworkFile.Load(network, Precision.Fp32).ClassNames.Count);
        var (output, _) = await Run(0, "evaluate", run.Run, "--json");
        Assert.Equal(run.Result.GetProperty("top1Selected").GetDouble(),
            Last(output).GetProperty("top1").GetDouble());
    }

    /// <summary>A teacher with weights as they were drawn.</summary>
    private string Teacher(string classes, string network, int count)
    {
        var loaded = Refilled.Data.DataCatalog.Load(data, null, CancellationToken.None);
        var names = Refilled.Data.ClassSpec.Parse(classes).Resolve(loaded).Select(c => loaded.Train.ClassNames[c]).ToList();
        var path = folder[$"{network}.safetensors"];
        NetworkFile.Save(path, new TrainedNetwork(NetworkCatalog.Create(network, new NetworkOptions(count) { Seed = 3 }), names));
        return path;
    }

    private async Task<(JsonElement Result, string Error, string Run)> Distill(int expected, params string[] args)
    {
        string[] common = ["distill", "--data", data, "--images-per-class", "12", "--batch", "16", "--epochs1", "1", "--epochs", "1",
            "--threads", "1", "--json"];
        string[] student = args.Contains("--student") ? [] : ["--student", "wrn-10-1"];
        string[] place = args.Contains("--out") ? [] : ["--out", folder["run"]];
        var (output, error) = await Run(expected, [.. common, .. student, .. place, .. args]);
        return (expected == 0 ? Last(output) : default, error, folder["run"]);
    }
}
