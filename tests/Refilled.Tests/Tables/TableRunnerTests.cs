using System.Collections.Concurrent;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tests.Support;

namespace Refilled.Tests.Tables;

public sealed class TableRunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TablePlan plan;
    private readonly TableResults results;

    public TableRunnerTests() => (plan, results) = (MadeUpTable.Plan(folder), new TableResults(folder["results"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_is_run_once_teachers_first_and_kept()
    {
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner));
        Assert.Equal(plan.All.Select(cell => cell.Id).Order(), runner.Started.Select(job => job.Cell.Id).Order());
        var order = runner.Started.Select(job => job.Cell).ToList();
        Assert.All(order.Where(cell => cell.Teacher is not null), cell => Assert.True(order.IndexOf(cell.Teacher!) < order.IndexOf(cell)));
        Assert.Equal(plan.All.Count(), results.Read(plan).Count);

        var refilled = runner.Started.First(job => job.Cell.Method == "refilled");
        Assert.Equal(folder["out", "one", "teacher"], refilled.Recipe.Teacher);
        Assert.Single(runner.Started.Select(job => job.Recipe.TeacherCache).Distinct());
    }

    [Fact]
    public async Task What_is_done_is_left_out_and_what_was_cut_goes_on()
    {
        await Run(new FakeRunner());
        foreach (var cell in plan.Cells.Where(cell => cell is { Split: "one", Method: "rkd" })) File.Delete(results.PathOf(cell));
        var runner = new FakeRunner();
        await Run(runner);
        // The teacher's network is there, and its run folder isn't touched.
        Assert.Equal(["one/wrn-10-1/rkd-0", "one/wrn-10-1/rkd-1"], runner.Started.Select(job => job.Cell.Id));
        Assert.All(runner.Started, job => Assert.True(job.Resume));
    }

    [Fact]
    public async Task Without_its_run_folder_a_teacher_is_trained_again_only_where_a_student_needs_it()
    {
        await Run(new FakeRunner());
        Directory.Delete(folder["out"], recursive: true);
        Assert.Empty(new TableRunner(plan, results, Options(1, 1), new FakeRunner()).Plan());
        File.Delete(results.PathOf(plan.Cells.Single(cell => cell.Id == "two/wrn-10-1/refilled-1")));
        var runner = new FakeRunner();
        await Run(runner);
        Assert.Equal(["two/teacher", "two/wrn-10-1/refilled-1"], runner.Started.Select(job => job.Cell.Id));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 8)]
    [InlineData(4, 4)]
    public async Task Runs_side_by_side_never_take_more_than_the_cores(int jobs, int cores)
    {
        var runner = new FakeRunner();
        await Run(runner, jobs, cores);
        Assert.Equal(jobs, runner.MostRuns);
        Assert.InRange(runner.MostThreads, jobs, cores);
        Assert.All(runner.Started, job => Assert.Equal(cores / jobs, job.Recipe.Threads));
    }

    [Fact]
    public async Task A_run_that_was_begun_with_more_threads_gets_them_alone()
    {
        // Sums depend on the threads, so it must go on with those that it had.
        var wide = plan.Cells.Single(cell => cell.Id == "one/wrn-10-1/student-1");
        folder.Write($"out/{wide.Id}/recipe.yaml", RecipeWriter.Write(wide.Recipe with { Threads = 4, Precision = PrecisionChoice.Fp32, Device = "cpu" }));
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner, 4, 4));
        Assert.Equal(4, runner.Started.Single(job => job.Cell == wide).Recipe.Threads);
        Assert.InRange(runner.MostThreads, 1, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task More_jobs_than_cores_are_refused(int jobs) =>
        Assert.Contains("from 1 to the number of cores (2)", (await Assert.ThrowsAsync<InputException>(() => Run(new FakeRunner(), jobs, 2))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_failed_run_is_named_and_the_others_go_on()
    {
        var runner = new FakeRunner { Fails = cell => cell.Id == "one/teacher" ? "exit code 1" : null };
        var failed = await Run(runner);
        Assert.Equal(["one/own/1nn-0", "one/teacher", "one/wrn-10-1/refilled-0", "one/wrn-10-1/refilled-1", "one/wrn-10-1/rkd-0", "one/wrn-10-1/rkd-1"], failed.Keys.Select(cell => cell.Id).Order(StringComparer.Ordinal));
        Assert.Equal("its teacher one/teacher failed", failed.First(pair => pair.Key.Method == "rkd").Value);
        Assert.Equal(plan.All.Count() - failed.Count, results.Read(plan).Count);
    }

    [Fact]
    public async Task A_full_disk_fails_what_is_written_then_and_leaves_what_was_finished()
    {
        var finished = 0;
        var runner = new FakeRunner { Before = _ => { if (++finished > 3) throw new IOException("No space left on device : 'x'"); } };
        var failed = await Run(runner);
        Assert.Equal(3, results.Read(plan).Count);
        Assert.Equal(plan.All.Count() - 3, failed.Count);
        Assert.Contains("No space left on device : 'x'", failed.Values);
        Assert.Empty(await Run(new FakeRunner()));
        Assert.Equal(plan.All.Count(), results.Read(plan).Count);
    }

    [Fact]
    public async Task Stopped_it_waits_for_the_runs_and_can_be_run_again()
    {
        using var cancel = new CancellationTokenSource();
        var runner = new FakeRunner { Before = job => { if (job.Cell.Method == "rkd") cancel.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TableRunner(plan, results, Options(2, 2), runner).RunAsync(cancel.Token));
        Assert.Equal(0, runner.Running);
        var kept = results.Read(plan).Count;
        Assert.InRange(kept, 1, plan.All.Count() - 1);
        var again = new FakeRunner();
        Assert.Empty(await Run(again));
        Assert.Equal(plan.All.Count(), kept + again.Started.Count);
    }

    [Fact]
    public async Task Results_of_other_data_recipes_teachers_or_versions_are_refused()
    {
        await Run(new FakeRunner());
        var cell = plan.Cells.Single(cell => cell.Id == "one/wrn-10-1/rkd-1");
        void Refused(Func<RunResult, RunResult> change, params string[] named)
        {
            var good = TableResults.Read(results.PathOf(cell));
            var mixed = results.Read(plan).ToDictionary();
            mixed[cell] = change(good);
            var message = Assert.Throws<InputException>(() => results.Check(plan, mixed)).Message;
            Assert.All([results.PathOf(cell), .. named], part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
        Refused(result => result with { ResultsVersion = 0 }, "results version 0", $"version {ResultsVersion.Current}");
        Refused(result => result with { SettingsHash = "0123456789abcdef" }, "recipe 0123456789ab…", cell.SettingsHash[..12]);
        Refused(result => result with { DataHash = "other" }, "one_teacher.json", "the data: d and other");
        Refused(result => result with { TeacherHash = "t-other" }, "the teacher: t-one and t-other");
        Refused(result => result with { TestHash = "elsewhere" }, "the test images: i-one and elsewhere");
        Refused(result => result with { Precision = "bf16" }, "the number format: fp32 and bf16");
        Refused(result => result with { Right = "AA==" }, "which test images were right");
        File.WriteAllText(results.PathOf(cell), "{");
        Assert.Contains("can't be read", Assert.Throws<InputException>(() => results.Read(plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_folder_of_another_recipe_is_refused_with_what_differs()
    {
        var cell = plan.Cells.Single(cell => cell.Id == "one/wrn-10-1/rkd-1");
        folder.Write($"out/{cell.Id}/recipe.yaml", RecipeWriter.Write(cell.Recipe with { Batch = 77, Precision = PrecisionChoice.Bf16 }));
        var message = (await Assert.ThrowsAsync<InputException>(() => Run(new FakeRunner()))).Message;
        Assert.Contains("\n  batch was 77, is 128", message, StringComparison.Ordinal);
        Assert.DoesNotContain("precision", message, StringComparison.Ordinal);
    }

    private TableRunOptions Options(int jobs, int cores) => new(folder["out"]) { Jobs = jobs, Cores = cores };

    private Task<IReadOnlyDictionary<TableCell, string>> Run(FakeRunner runner, int jobs = 1, int cores = 1) => new TableRunner(plan, results, Options(jobs, cores), runner).RunAsync(TestContext.Current.CancellationToken);

    private sealed class FakeRunner : ICellRunner
    {
        private int threads;
        private readonly ConcurrentQueue<CellJob> started = [];

        public List<CellJob> Started => [.. started];

        public int Running { get; private set; }

        public int MostRuns { get; private set; }

        public int MostThreads { get; private set; }

        public Func<TableCell, string?> Fails { get; init; } = _ => null;

        public Action<CellJob> Before { get; init; } = _ => { };

        public async Task<CellOutcome> RunAsync(CellJob job, CancellationToken cancel)
        {
            lock (started)
            {
                started.Enqueue(job);
                (Running, threads) = (Running + 1, threads + job.Recipe.Threads);
                (MostRuns, MostThreads) = (Math.Max(MostRuns, Running), Math.Max(MostThreads, threads));
            }
            try
            {
                await Task.Delay(2, CancellationToken.None);
                Before(job);
                cancel.ThrowIfCancellationRequested();
                if (Fails(job.Cell) is { } why) return new CellOutcome(why);
                MadeUpTable.Finish(job, MadeUpTable.Result(job.Cell));
                return CellOutcome.Done;
            }
            finally
            {
                lock (started) (Running, threads) = (Running - 1, threads - job.Recipe.Threads);
            }
        }
    }
}
