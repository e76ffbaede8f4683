using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;
using Refilled.Tables.FewShot;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.Tests.Tables.FewShot;

public sealed class MiddleShotRunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly MiddleShotPlan plan;
    private readonly MiddleShotResults results;

    public MiddleShotRunnerTests() => (plan, results) = (MadeUpMiddleShot.Plan(folder), new MiddleShotResults(folder["results"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_is_done_once_networks_first_and_kept()
    {
        var work = new FakeWork();
        Assert.Empty(Run(work));
        Assert.Equal(["backbone", "protonet-5", "resnet", .. plan.Cells.Select(cell => cell.Id)], work.Done);
        Assert.Equal(folder["out", "backbone"], work.Jobs[1].Recipe.Start);
        Assert.Equal((folder["out", "backbone"], folder["out", "resnet"]), (work.Recipes[^1].Backbone, work.Recipes[^1].Teacher));
        var found = results.Read(plan);
        Assert.Equal((3, 6), (found.Networks.Count, found.Cells.Count));
        Assert.Equal("protonet", found.Cells[plan.Cells[3]].Row);

        var again = new FakeWork();
        Assert.Empty(Run(again));
        Assert.Empty(again.Done);
    }

    [Fact]
    public void Only_what_is_missing_is_done()
    {
        Run(new FakeWork());
        File.Delete(results.PathOf(plan.Cells[3]));
        var work = new FakeWork();
        Run(work);
        Assert.Equal(["protonet/5"], work.Done);

        // A network that nothing needs any more isn't trained again; one that is needed is, after what it starts from.
        Directory.Delete(folder["out"], recursive: true);
        Assert.Empty(new MiddleShotRunner(plan, results, folder["out"], work).Plan().Networks);
        File.Delete(results.PathOf(plan.Cells[3]));
        work = new FakeWork();
        Run(work);
        Assert.Equal(["backbone", "protonet-5", "protonet/5"], work.Done);
    }

    [Fact]
    public void Cut_it_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        var work = new FakeWork { Before = id => { if (id == "protonet-5") cancel.Cancel(); cancel.Token.ThrowIfCancellationRequested(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => new MiddleShotRunner(plan, results, folder["out"], work).Run(cancel.Token));
        Assert.Equal(["backbone"], work.Done);
        folder.Write("out/protonet-5/recipe.yaml", RecipeWriter.Write(plan.Networks[1].Recipe! with { Start = "elsewhere", Threads = 7 }));
        work = new FakeWork();
        Assert.Empty(Run(work));
        Assert.Equal(["protonet-5", "resnet", .. plan.Cells.Select(cell => cell.Id)], work.Done);
        Assert.Equal((true, 7, folder["out", "backbone"]), (work.Jobs[0].Resume, work.Jobs[0].Recipe.Threads, work.Jobs[0].Recipe.Start));
    }

    [Fact]
    public void What_fails_is_named_and_what_needs_it_too()
    {
        var work = new FakeWork { Before = id => { if (id == "resnet") throw new TrainingException("no number"); if (id == "svm/5") throw new IOException("disk full"); } };
        var failed = Run(work);
        Assert.Equal(["refilled-resnet/1", "refilled-resnet/5", "resnet", "svm/5"], failed.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("no number", "its network resnet failed", "disk full"), (failed["resnet"], failed["refilled-resnet/5"], failed["svm/5"]));
        Assert.Equal(3, results.Read(plan).Cells.Count);
        Assert.Empty(Run(new FakeWork()));
        Assert.Equal(6, results.Read(plan).Cells.Count);
    }

    [Fact]
    public void What_is_wrong_is_found_before_anything_is_trained()
    {
        var work = new FakeWork { Wrong = "the classes overlap" };
        Assert.Equal("the classes overlap", Assert.Throws<InputException>(() => Run(work)).Message);
        Assert.Empty(work.Done);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Results_of_other_data_settings_networks_tasks_or_versions_are_refused()
    {
        Run(new FakeWork());
        var (svm, protonet) = (plan.Cells[1], plan.Cells[3]);
        void Refused(MiddleShotCell cell, Func<FewShotRunResult, FewShotRunResult> change, params string[] named)
        {
            var found = results.Read(plan);
            var mixed = found with { Cells = found.Cells.ToDictionary(pair => pair.Key, pair => pair.Key == cell ? change(pair.Value) : pair.Value) };
            var message = Assert.Throws<InputException>(() => results.Check(mixed)).Message;
            Assert.All([results.PathOf(cell), .. named], part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
        Refused(svm, result => result with { ResultsVersion = 0 }, "results version 0", $"version {ResultsVersion.Current}");
        Refused(svm, result => result with { SettingsHash = "0123456789abcdef" }, "recipe 0123456789ab…", svm.SettingsHash[..12]);
        Refused(svm, result => result with { DataHash = "other" }, "svm_1.json", "the data: d and other");
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
    public void A_network_that_was_trained_anew_otherwise_is_refused_beside_results_of_the_old_one()
    {
        Run(new FakeWork());
        Directory.Delete(folder["out"], recursive: true);
        File.Delete(results.PathOf(plan.Cells[0]));
        var message = Assert.Throws<InputException>(() => Run(new FakeWork { Content = " anew" })).Message;
        Assert.Contains("network_backbone.json", message, StringComparison.Ordinal);
        Assert.Contains("network_protonet-5.json", message, StringComparison.Ordinal);
        Assert.Contains("the network 'backbone'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_other_settings_is_refused_wherever_it_is_found()
    {
        Run(new FakeWork());
        var other = MadeUpMiddleShot.Plan(folder, null, "training.batch=9");
        Assert.Contains("network_backbone.json' was made with the recipe", Assert.Throws<InputException>(() => results.Read(other)).Message, StringComparison.Ordinal);
        var message = Assert.Throws<InputException>(() => new MiddleShotRunner(other, new MiddleShotResults(folder["new"]), folder["out"], new FakeWork()).Run(TestContext.Current.CancellationToken)).Message;
        Assert.Contains("was begun with another recipe than the table's for", message, StringComparison.Ordinal);
        Assert.Contains("\n  batch was 8, is 9", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_was_trained_before_is_taken_as_it_is()
    {
        using var files = new FewShotFiles();
        var path = files.Network("given");
        var given = MadeUpMiddleShot.Plan(folder, MadeUpMiddleShot.Text.Replace("- { name: backbone }", $"- {{ name: backbone, trained: {path} }}", StringComparison.Ordinal));
        var work = new FakeWork();
        Assert.Empty(new MiddleShotRunner(given, results, folder["out"], work).Run(TestContext.Current.CancellationToken));
        Assert.Equal(["protonet-5", "resnet"], work.Jobs.Select(job => job.Network.Name));
        Assert.Equal(path, work.Jobs[0].Recipe.Start);
        Assert.Equal(("wrn-10-1", null), results.Read(given).Networks[given.Networks[0]] is var record ? (record.Architecture, record.Run) : default);
    }

    private IReadOnlyDictionary<string, string> Run(FakeWork work) => new MiddleShotRunner(plan, results, folder["out"], work).Run(TestContext.Current.CancellationToken);

    private sealed class FakeWork : IMiddleShotWork
    {
        public List<string> Done { get; } = [];

        public List<NetworkJob> Jobs { get; } = [];

        public List<FewShotRecipe> Recipes { get; } = [];

        public Action<string> Before { get; init; } = _ => { };

        public string? Wrong { get; init; }

        public string Content { get; init; } = "";

        public void Check(MiddleShotPlan plan, MiddleShotWaiting waiting, CancellationToken cancel)
        {
            if (Wrong is not null) throw new InputException(Wrong);
        }

        public RunResult Train(NetworkJob job, CancellationToken cancel)
        {
            Before(job.Network.Name);
            Done.Add(job.Network.Name);
            Jobs.Add(job);
            return MadeUpMiddleShot.Finish(job, Content);
        }

        public FewShotRunResult Measure(MiddleShotCell cell, FewShotRecipe recipe, CancellationToken cancel)
        {
            Before(cell.Id);
            Done.Add(cell.Id);
            Recipes.Add(recipe);
            return MadeUpMiddleShot.Result(cell, network => Experiment.HashOf(Refilled.Teachers.TeacherFile.Find(network == cell.Backbone ? recipe.Backbone : recipe.Teacher!)));
        }
    }
}
