using Refilled.Files;
using Refilled.Tables;
using System.Text.Json;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.Recipes;
using Refilled.Tables.FewShot;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Tables.FewShot;

/// <summary>A small table of few-shot learners and results for it that nobody measured.</summary>
internal static class MadeUpFewShot
{
    public const string Text = """
        title: Few shots
        notes: [A note.]
        data: generated:0,classes=12,train=6,test=4
        shots: [1, 5]
        base: { classes: 8-11, join-test: true, tasks: 6, image-size: 8, device: cpu, precision: fp32, episode: { way: 3, query: 4 } }
        training: {
          classes: 0-5, student: wrn-10-1, image-size: 8, batch: 8, views: 1, device: cpu, precision: fp32,
          stage2: { epochs: 1, episodes-per-epoch: 2 } }
        networks:
        - { name: backbone }
        - name: protonet-5
          recipe: { method: protonet, start: backbone, losses: { prototypes: { episode: { way: 3, shot: 2, query: 2 } } } }
        - name: resnet
          recipe: { student: resnet-8 }
        rows:
        - { name: svm, learner: svm, backbone: backbone, edits: { svm: { c: 2 } } }
        - { name: protonet, learner: protonet, backbone: backbone, shots: [1] }
        - { name: protonet, learner: protonet, backbone: protonet-5, shots: [5] }
        - {
            name: refilled-resnet, learner: refilled, backbone: backbone, teacher: resnet, tasks: 4,
            edits: { refilled: { stage1: { steps: 1 }, stage2: { steps: 2 } } } }

        """;

    public static FewShotPlan Plan(TemporaryFolder folder, string? text = null, params string[] edits) =>
        FewShotPlan.Expand(RecipeReader.Read<FewShotTableRecipe>(folder.Write("table.yaml", text ?? Text), edits.Select(RecipeEdit.Parse)));

    /// <summary>A result of a cell whose networks have given hashes.</summary>
    public static FewShotRunResult Result(FewShotCell cell, Func<TableNetwork, string> hash, IReadOnlyList<int>? right = null)
    {
        right ??= [.. Enumerable.Range(0, cell.Recipe.Tasks).Select(task => (task * 5 + cell.Row.Name.Length + cell.Shot) % 13)];
        var accuracies = right.Select(one => one / 12.0).ToList();
        var found = new FewShotResult(cell.Row.Learner, "", accuracies, 1);
        return new FewShotRunResult
        {
            Data = "generated", Classes = "8-11", Learner = cell.Row.Learner, Row = cell.Row.Name, Backbone = "wrn-10-1",
            BackboneHash = hash(cell.Backbone),
            Teacher = cell.Teacher is null ? null : "resnet-8", TeacherHash = cell.Teacher is null ? null : hash(cell.Teacher),
            Way = 3, Shot = cell.Shot, Query = 4, Tasks = right.Count, Seed = 0, TasksHash = $"t{cell.Shot}-{right.Count}",
            FirstTasksHash = $"t{cell.Shot}",
            Mean = Percent.Of(found.Mean), HalfWidth = Percent.Of(found.HalfWidth), Right = right,
            AtSteps = cell.Teacher is null ? [] : [new StepAccuracy(20, 40, 1.5), new StepAccuracy(50, 44, 1.25)],
            Chosen = cell.Row.Learner == "svm" ? new Dictionary<string, double> { ["c"] = 2 } : [],
            Seconds = 2, TasksPerSecond = 12.5, Precision = "fp32", Machine = "cpu", RecipeHash = "r", SettingsHash = cell.SettingsHash,
            ResultsVersion = ResultsVersion.Current, DataHash = "d", Version = "0",
        };
    }

    /// <summary>The result of a network's training.</summary>
    public static RunResult Run(TableNetwork network, string? startHash) => new()
    {
        Setting = "cross-task", Data = "generated", Split = "0-5", Student = network.Recipe!.Student, Method = network.Recipe.Method,
        Seed = 0, StartHash = startHash, Top1 = 40, Top1Selected = 41, Top5 = 90, Ncm = 40, Validation = 50.5,
        Epochs = 1, TrainImages = 30, HeldOutImages = 6, TestImages = 24, Seconds = 3, Precision = "fp32", Machine = "cpu",
        RecipeHash = "r", SettingsHash = network.SettingsHash, ResultsVersion = ResultsVersion.Current, DataHash = "d", Version = "0",
    };

    /// <summary>Leaves in a run folder what a finished run leaves.</summary>
    public static RunResult Finish(TrainStart job, string content = "")
    {
        var network = (TableNetwork)job.Job;
        Directory.CreateDirectory(job.Folder);
        var start = network.Start is null ? null : FileHash.Of(Path.Combine(job.Recipe.Start!, RunFolder.NetworkName));
        var result = Run(network, start);
        File.WriteAllText(Path.Combine(job.Folder, RunFolder.RecipeName), RecipeWriter.Write(job.Recipe));
        File.WriteAllText(Path.Combine(job.Folder, RunFolder.NetworkName), network.Name + content);
        File.WriteAllText(Path.Combine(job.Folder, RunFolder.ResultName), JsonSerializer.Serialize(result, RunFolder.Json));
        return result;
    }
}
