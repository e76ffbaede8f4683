using Refilled.Figures;
using Refilled.Figures.FirstStage;
using Refilled.Figures.SecondStage;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Figures;

/// <summary>Figures of generated creatures, in seconds.</summary>
internal static class FigureFiles
{
    private const string First = """
        title: Tiny
        data: generated:0,classes=12,train=12,test=6
        base: { classes: 0-3, hold-out: 0.34, batch: 12, views: 1, threads: 1, stage1: { epochs: 2 }, stage2: { epochs: 1 } }
        teacher: { classes: 4-7, student: wrn-10-1, batch: 16, hold-out: 0, threads: 1, stage2: { epochs: 1 } }
        student: wrn-10-1
        methods: [student, triplets]
        edits: { triplets: { stages: [ { losses: { triplet-alignment: 100 } } ] } }
        seeds: [0, 1]
        unseen: { classes: 8-11, part: all }
        clusterings: 2
        map: { method: triplets, classes: 3, perplexity: 4, images: 4 }

        """;

    private const string Second = """
        title: Tiny
        data: generated:0,classes=8,train=12,test=6
        base: { hold-out: 0, batch: 12, views: 1, precision: fp32, threads: 1, stage2: { epochs: 2 } }
        teacher: { student: wrn-10-1, batch: 16, hold-out: 0, precision: fp32, threads: 1, stage2: { epochs: 1 } }
        student: wrn-10-1
        classes: [2, 4, 8]
        batches: 2
        methods:
        - name: KD
          losses: { cross-entropy: 1, soft-targets: { temperature: 3, weight: 0.5 } }
        - name: LKD
          losses: { cross-entropy: 1, local-classifier: { normalise: unit, weight: 2 } }
        seeds: [5]

        """;

    public static FirstStagePlan FirstStage(TemporaryFolder folder, params string[] edits) =>
        FirstStagePlan.Expand(RecipeReader.Read<FirstStageRecipe>(folder.Write("first.yaml", First), edits.Select(RecipeEdit.Parse)));

    public static SecondStagePlan SecondStage(TemporaryFolder folder, params string[] edits) =>
        SecondStagePlan.Expand(RecipeReader.Read<SecondStageRecipe>(folder.Write("second.yaml", Second), edits.Select(RecipeEdit.Parse)));

    /// <summary>Runs a figure as the command does.</summary>
    public static Task<IReadOnlyDictionary<Job, string>> Run(TemporaryFolder folder, FigurePlan plan, params ITeacherFormat[] formats) =>
        Run(folder, plan, new Watched(_ => { }), TestContext.Current.CancellationToken, formats);

    /// <summary>The same, watched, until it is stopped.</summary>
    public static async Task<IReadOnlyDictionary<Job, string>> Run(TemporaryFolder folder, FigurePlan plan, IProgress<TrainProgress> watch,
        CancellationToken cancel, params ITeacherFormat[] formats)
    {
        var (results, data) = (new TableResults(folder["results"]), new LoadedData());
        var jobs = new FigureJobs(data, formats, train => train(watch));
        var runner = new TableRunner(plan, results, new TableRunOptions(folder["out"]) { Formats = formats }, jobs);
        var waiting = runner.Plan();
        if (waiting.Count > 0)
        {
            TablePreflight.Check(plan, waiting, results, data, formats, cancel);
            plan.Check(data, formats, cancel);
        }
        return await runner.RunAsync(cancel);
    }

    /// <summary>The report of the results that are there.</summary>
    public static FigureReport Report(TemporaryFolder folder, FigurePlan plan) =>
        plan.Report(new TableResults(folder["results"]).Read(plan));

    /// <summary>Tells what is reported, at once.</summary>
    internal sealed class Watched(Action<TrainProgress> watch) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => watch(value);
    }
}
