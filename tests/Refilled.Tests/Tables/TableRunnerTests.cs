using Refilled.Tests.Tables.Grid;
using Refilled.Tables.Grid;
using System.Collections.Concurrent;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tests.Support;

namespace Refilled.Tests.Tables;

public sealed class TableRunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly GridPlan plan;
    private readonly TableResults results;

    public TableRunnerTests() => (plan, results) = (MadeUpGrid.Plan(folder), new TableResults(folder["results"]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Everything_is_run_once_teachers_first_and_kept()
    {
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner));
        Assert.Equal(plan.Jobs.Select(job => job.Id).Order(), runner.Started.Select(job => job.Job.Id).Order());
        var order = runner.Started.Select(Cell).ToList();
        Assert.All(order.Where(cell => cell.Teacher is not null), cell => Assert.True(order.IndexOf(cell.Teacher!) < order.IndexOf(cell)));
        Assert.Equal(plan.Jobs.Count, results.Read(plan).Count);

        var refilled = runner.Started.First(job => Cell(job).Method == "refilled");
        Assert.Equal(folder["out", "one", "teacher"], refilled.Recipe.Teacher);
        Assert.Single(runner.Started.Where(job => job.Recipe.Teacher is not null).Select(job => job.Recipe.TeacherCache).Distinct());
    }

    [Fact]
    public async Task What_is_done_is_left_out_and_what_was_cut_goes_on()
    {
        await Run(new FakeRunner());
        foreach (var cell in plan.Cells.Where(cell => cell is { Split: "one", Method: "rkd" })) File.Delete(results.PathOf(cell));
        // Their run folders are finished, and are taken up as they are.
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner));
        Assert.Empty(runner.Started);
        Assert.Equal(plan.Jobs.Count, results.Read(plan).Count);

        foreach (var cell in plan.Cells.Where(cell => cell is { Split: "one", Method: "rkd" }))
        {
            File.Delete(results.PathOf(cell));
            File.Delete(folder["out", cell.Id, "result.json"]);
        }
        await Run(runner);
        // The teacher's network is there, and its run folder isn't touched.
        Assert.Equal(["one/wrn-10-1/rkd-0", "one/wrn-10-1/rkd-1"], runner.Started.Select(job => job.Job.Id));
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
        Assert.Equal(["two/teacher", "two/wrn-10-1/refilled-1"], runner.Started.Select(job => job.Job.Id));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 8)]
    [InlineData(4, 4)]
    public async Task Runs_side_by_side_never_take_more_than_the_cores(int jobs, int cores)
    {
        var runner = new FakeRunner { Together = jobs };
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
        folder.Write($"out/{wide.Id}/recipe.yaml",
            RecipeWriter.Write(wide.Recipe with { Threads = 4, Precision = PrecisionChoice.Fp32, Device = "cpu" }));
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner, 4, 4));
        Assert.Equal(4, runner.Started.Single(job => job.Job == wide).Recipe.Threads);
        Assert.InRange(runner.MostThreads, 1, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task More_jobs_than_cores_are_refused(int jobs) =>
        Assert.Contains("from 1 to the number of cores (2)",
            (await Assert.ThrowsAsync<InputException>(() => Run(new FakeRunner(), jobs, 2))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_failed_run_is_named_and_the_others_go_on()
    {
        var runner = new FakeRunner { Fails = cell => cell.Id == "one/teacher" ? "exit code 1" : null };
        var failed = await Run(runner);
        Assert.Equal(["one/own/1nn-0", "one/teacher", "one/wrn-10-1/refilled-0", "one/wrn-10-1/refilled-1", "one/wrn-10-1/rkd-0",
            "one/wrn-10-1/rkd-1"], failed.Keys.Select(cell => cell.Id).Order(StringComparer.Ordinal));
        Assert.Equal("its teacher one/teacher failed", failed.First(pair => pair.Key is GridCell { Method: "rkd" }).Value);
        Assert.Equal(plan.Jobs.Count - failed.Count, results.Read(plan).Count);
    }

    [Fact]
    public async Task A_full_disk_fails_what_is_written_then_and_leaves_what_was_finished()
    {
        var finished = 0;
        var runner = new FakeRunner { Before = _ => { if (++finished > 3) throw new IOException("No space left on device : 'x'"); } };
        var failed = await Run(runner);
        Assert.Equal(3, results.Read(plan).Count);
        Assert.Equal(plan.Jobs.Count - 3, failed.Count);
        Assert.Contains("No space left on device : 'x'", failed.Values);
        Assert.Empty(await Run(new FakeRunner()));
        Assert.Equal(plan.Jobs.Count, results.Read(plan).Count);
    }

    [Fact]
    public async Task What_waits_for_a_network_that_is_gone_fails_with_the_reason()
    {
        // The network vanishes when the first student begins, and nothing is running that could bring it back.
        var runner = new FakeRunner { Before = job =>
            { if (Cell(job) is { Split: "one", Method: "1nn" }) Directory.Delete(folder["out", "one", "teacher"], true); } };
        var failed = await Run(runner);
        Assert.Equal("it waits for one/teacher, which isn't there any more",
            failed.First(pair => pair.Key is GridCell { Split: "one", Method: "refilled" }).Value);
        Assert.Equal(plan.Jobs.Count - failed.Count, results.Read(plan).Count);
    }

    [Fact]
    public async Task A_run_that_was_cut_takes_up_where_its_data_lie_now()
    {
        var cell = plan.Cells.Single(cell => cell.Id == "one/wrn-10-1/student-1");
        folder.Write($"out/{cell.Id}/recipe.yaml", RecipeWriter.Write(cell.Recipe with { Data = "cifar100:elsewhere", Threads = 1 }));
        var runner = new FakeRunner();
        Assert.Empty(await Run(runner));
        var job = runner.Started.Single(job => job.Job == cell);
        Assert.Equal((true, cell.Recipe.Data), (job.Resume, job.Recipe.Data));
    }

    [Fact]
    public async Task Stopped_it_waits_for_the_runs_and_can_be_run_again()
    {
        using var cancel = new CancellationTokenSource();
        var runner = new FakeRunner { Before = job => { if (Cell(job).Method == "rkd") cancel.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TableRunner(plan, results, Options(2, 2), runner)
            .RunAsync(cancel.Token));
        Assert.Equal(0, runner.Running);
        var kept = results.Read(plan).Count;
        Assert.InRange(kept, 1, plan.Jobs.Count - 1);
        var again = new FakeRunner();
        Assert.Empty(await Run(again));
        Assert.Equal(plan.Jobs.Count, kept + again.Started.Count);
    }

    [Fact]
    public async Task Results_of_other_data_recipes_teachers_or_versions_are_refused()
    {
        await Run(new FakeRunner());
        var cell = plan.Cells.Single(cell => cell.Id == "one/wrn-10-1/rkd-1");
        void Refused(Func<RunResult, RunResult> change, params string[] named)
        {
            var found = results.Read(plan);
            var message = Assert.Throws<InputException>(() => results.Check(found.With(cell, change(found.Of<RunResult>(cell)!)))).Message;
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
        var runner = new FakeRunner();
        var message = (await Assert.ThrowsAsync<InputException>(() => Run(runner))).Message;
        Assert.Empty(runner.Started);
        Assert.Contains("\n  batch was 77, is 128", message, StringComparison.Ordinal);
        Assert.DoesNotContain("precision", message, StringComparison.Ordinal);
    }

    private TableRunOptions Options(int jobs, int cores) => new(folder["out"]) { Jobs = jobs, Cores = cores };

    private Task<IReadOnlyDictionary<Job, string>> Run(FakeRunner runner, int jobs = 1, int cores = 1) =>
        new TableRunner(plan, results, Options(jobs, cores), runner).RunAsync(TestContext.Current.CancellationToken);

    private static GridCell Cell(TrainStart job) => (GridCell)job.Job;

    private sealed class FakeRunner : IJobRunner
    {
        private int threads;
        private readonly ConcurrentQueue<TrainStart> started = [];

        public List<TrainStart> Started => [.. started];

        public int Running { get; private set; }

        public int MostRuns { get; private set; }

        public int MostThreads { get; private set; }

        public Func<GridCell, string?> Fails { get; init; } = _ => null;

        public Action<TrainStart> Before { get; init; } = _ => { };

        /// <summary>Runs wait until so many have stood side by side, on a busy machine too, but not for ever.</summary>
        public int Together { get; init; } = 1;

        public async Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel)
        {
            var job = (TrainStart)start;
            lock (started)
            {
                started.Enqueue(job);
                (Running, threads) = (Running + 1, threads + job.Recipe.Threads);
                (MostRuns, MostThreads) = (Math.Max(MostRuns, Running), Math.Max(MostThreads, threads));
            }
            try
            {
                for (var waited = 0; waited < 1000 && (waited == 0 || MostRuns < Together); waited++)
                    await Task.Delay(2, CancellationToken.None);
                Before(job);
                cancel.ThrowIfCancellationRequested();
                if (Fails(Cell(job)) is { } why) return new JobOutcome(null, why);
                MadeUpGrid.Finish(job, MadeUpGrid.Result(Cell(job)));
                return JobOutcome.Trained;
            }
            finally
            {
                lock (started) (Running, threads) = (Running - 1, threads - job.Recipe.Threads);
            }
        }
    }
}
