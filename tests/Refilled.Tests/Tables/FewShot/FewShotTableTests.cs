using Refilled.Tables;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;
using Refilled.Tables.FewShot;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Tests.Tables.FewShot;

public sealed class FewShotTableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FewShotPlan plan;
    private readonly TableResults results;

    public FewShotTableTests() => (plan, results) = (MadeUpFewShot.Plan(folder), new TableResults(folder["results"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_is_done_once_networks_first_and_kept()
    {
        var work = new FakeWork();
        Assert.Empty(await Run(work));
        Assert.Equal(["backbone", "protonet-5", "resnet", .. plan.Cells.Select(cell => cell.Id)], work.Done);
        Assert.Equal(folder["out", "backbone"], work.Jobs[1].Recipe.Start);
        Assert.Equal((folder["out", "backbone"], folder["out", "resnet"]), (work.Recipes[^1].Backbone, work.Recipes[^1].Teacher));
        var found = results.Read(plan);
        Assert.Equal(9, found.Count);
        Assert.Equal("protonet", found.Of<FewShotRunResult>(plan.Cells[3])!.Row);

        var again = new FakeWork();
        Assert.Empty(await Run(again));
        Assert.Empty(again.Done);
    }

    [Fact]
    public async Task Only_what_is_missing_is_done()
    {
        await Run(new FakeWork());
        File.Delete(results.PathOf(plan.Cells[3]));
        var work = new FakeWork();
        await Run(work);
        Assert.Equal(["protonet/5"], work.Done);

        // A network that nothing needs any more isn't trained again; one that is needed is, after what it starts from.
        Directory.Delete(folder["out"], recursive: true);
        Assert.Empty(Runner(plan, work).Plan());
        File.Delete(results.PathOf(plan.Cells[3]));
        work = new FakeWork();
        await Run(work);
        Assert.Equal(["backbone", "protonet-5", "protonet/5"], work.Done);
    }

    [Fact]
    public async Task Cut_it_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        var work = new FakeWork { Before = id =>
            { if (id == "protonet-5") cancel.Cancel(); cancel.Token.ThrowIfCancellationRequested(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner(plan, work).RunAsync(cancel.Token));
        Assert.Equal(["backbone"], work.Done);
        folder.Write("out/protonet-5/recipe.yaml", RecipeWriter.Write(plan.Networks[1].Recipe! with { Start = "elsewhere", Threads = 7 }));
        work = new FakeWork();
        Assert.Empty(await Run(work));
        Assert.Equal(["protonet-5", "resnet", .. plan.Cells.Select(cell => cell.Id)], work.Done);
        Assert.Equal((true, 7, folder["out", "backbone"]), (work.Jobs[0].Resume, work.Jobs[0].Recipe.Threads, work.Jobs[0].Recipe.Start));
    }

    [Fact]
    public async Task What_fails_is_named_and_what_needs_it_too()
    {
        var work = new FakeWork { Before = id =>
            { if (id == "resnet") throw new TrainingException("no number"); if (id == "svm/5") throw new IOException("disk full"); } };
        var failed = (await Run(work)).ToDictionary(pair => pair.Key.Id, pair => pair.Value);
        Assert.Equal(["refilled-resnet/1", "refilled-resnet/5", "resnet", "svm/5"], failed.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("no number", "its network resnet failed", "disk full"),
            (failed["resnet"], failed["refilled-resnet/5"], failed["svm/5"]));
        Assert.Equal(3, plan.Cells.Count(results.Read(plan).Has));
        Assert.Empty(await Run(new FakeWork()));
        Assert.Equal(6, plan.Cells.Count(results.Read(plan).Has));
    }

    [Fact]
    public async Task Results_of_other_data_settings_networks_tasks_or_versions_are_refused()
    {
        await Run(new FakeWork());
        var (svm, protonet) = (plan.Cells[1], plan.Cells[3]);
        void Refused(FewShotCell cell, Func<FewShotRunResult, FewShotRunResult> change, params string[] named)
        {
            var found = results.Read(plan);
            var message = Assert.Throws<InputException>(() =>
                results.Check(found.With(cell, change(found.Of<FewShotRunResult>(cell)!)))).Message;
            Assert.All([results.PathOf(cell), .. named], part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
        Refused(svm, result => result with { ResultsVersion = 0 }, "results version 0", $"version {ResultsVersion.Current}");
        Refused(svm, result => result with { SettingsHash = "0123456789abcdef" }, "recipe 0123456789ab…", svm.SettingsHash[..12]);
        Refused(svm, result => result with { DataHash = "other" }, "network_backbone.json", "the data: d and other");
        Refused(svm, result => result with { BackboneHash = "other" }, "network_backbone.json", "the network 'backbone'", "other");
        Refused(protonet, result => result with { BackboneHash = "other" }, "network_protonet-5.json", "the network 'protonet-5'", "other");
        Refused(plan.Cells[5], result => result with { TeacherHash = "other" }, "network_resnet.json", "the network 'resnet'", "other");
        Refused(protonet, result => result with { FirstTasksHash = "other" }, "svm_5.json", "the tasks with 5 shots: t5 and other");
        Refused(svm, result => result with { Precision = "bf16" }, "the number format: fp32 and bf16");
        Refused(svm, result => result with { Right = [1] }, "how many of 12 queries were right in each of 6 tasks");
        Refused(svm, result => result with { Right = [13, 0, 0, 0, 0, 0] }, "how many of 12 queries");
        File.WriteAllText(results.PathOf(svm), "{");
        Assert.Contains("can't be read", Assert.Throws<InputException>(() => results.Read(plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_was_trained_anew_otherwise_is_refused_beside_results_of_the_old_one()
    {
        await Run(new FakeWork());
        Directory.Delete(folder["out"], recursive: true);
        File.Delete(results.PathOf(plan.Cells[0]));
        var failed = (await Run(new FakeWork { Content = " anew" })).ToDictionary(pair => pair.Key.Id, pair => pair.Value);
        Assert.Equal("its network backbone failed", failed[plan.Cells[0].Id]);
        var message = failed["backbone"];
        Assert.Contains("network_backbone.json", message, StringComparison.Ordinal);
        Assert.Contains("network_protonet-5.json", message, StringComparison.Ordinal);
        Assert.Contains("the network 'backbone'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_of_other_settings_is_refused_wherever_it_is_found()
    {
        await Run(new FakeWork());
        var other = MadeUpFewShot.Plan(folder, null, "training.batch=9");
        Assert.Contains("network_backbone.json' was made with the recipe", Assert.Throws<InputException>(() => results.Read(other)).Message,
            StringComparison.Ordinal);
        var elsewhere = new TableRunner(other, new TableResults(folder["new"]), new TableRunOptions(folder["out"]), new FakeWork());
        var message = Assert.Throws<InputException>(elsewhere.Plan).Message;
        Assert.Contains("was begun with another recipe than the table's for", message, StringComparison.Ordinal);
        Assert.Contains("\n  batch was 8, is 9", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_was_trained_before_is_taken_as_it_is()
    {
        using var files = new FewShotFiles();
        var path = files.Network("given");
        var given = MadeUpFewShot.Plan(folder,
            MadeUpFewShot.Text.Replace("- { name: backbone }", $"- {{ name: backbone, trained: {path} }}", StringComparison.Ordinal));
        var work = new FakeWork();
        Assert.Empty(await Runner(given, work).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["protonet-5", "resnet"], work.Jobs.Select(job => job.Job.Id));
        Assert.Equal(path, work.Jobs[0].Recipe.Start);
        var record = results.Read(given).Of<NetworkRecord>(given.Networks[0])!;
        Assert.Equal(("wrn-10-1", null), (record.Architecture, record.Run));
    }

    private TableRunner Runner(FewShotPlan plan, FakeWork work) => new(plan, results, new TableRunOptions(folder["out"]), work);

    private Task<IReadOnlyDictionary<Job, string>> Run(FakeWork work) => Runner(plan, work).RunAsync(TestContext.Current.CancellationToken);

    private sealed class FakeWork : IJobRunner
    {
        public List<string> Done { get; } = [];

        public List<TrainStart> Jobs { get; } = [];

        public List<FewShotRecipe> Recipes { get; } = [];

        public Action<string> Before { get; init; } = _ => { };

        public string Content { get; init; } = "";

        public async Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel)
        {
            await Task.Yield();
            var id = start is TrainStart train ? train.Job.Id : ((MeasureStart)start).Job.Id;
            Before(id);
            Done.Add(id);
            return start is MeasureStart measure ? Measure(measure) : Train((TrainStart)start);
        }

        private JobOutcome Train(TrainStart start)
        {
            Jobs.Add(start);
            MadeUpFewShot.Finish(start, Content);
            return JobOutcome.Trained;
        }

        private JobOutcome Measure(MeasureStart start)
        {
            Recipes.Add(start.Recipe);
            var cell = (FewShotCell)start.Job;
            string Hash(TableNetwork network) =>
                NetworkPlace.Find(network == cell.Backbone ? start.Recipe.Backbone : start.Recipe.Teacher!).Hash;
            return new JobOutcome(MadeUpFewShot.Result(cell, Hash), null);
        }
    }
}
