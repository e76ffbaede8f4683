using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>How a table is run.</summary>
/// <param name="Output">Folder for the run folders, the teacher's cache and logs.</param>
internal sealed record TableRunOptions(string Output)
{
    /// <summary>Most jobs side by side, from 1 to <see cref="Cores"/>. Default 1.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Cores that all jobs share. Default: all of the machine.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>Formats of teachers of the caller's, asked before the built-in ones. Default none.</summary>
    public IReadOnlyList<ITeacherFormat> Formats { get; init; } = [];

    /// <summary>Threads of each job that begins and doesn't say: the cores' fair share, at least 1.</summary>
    public int ThreadsEach => Math.Max(1, Cores / Jobs);
}

/// <summary>Does a table's jobs that aren't done, each after those that it needs, side by side within the cores.</summary>
/// <remarks>Runs that were cut go on; a job that fails is named and the others go on.</remarks>
/// <param name="plan">The table.</param>
/// <param name="results">Where results are, and are kept.</param>
/// <param name="options">Folders and cores.</param>
/// <param name="runner">Does one job.</param>
/// <param name="progress">Told what happens; may be null.</param>
internal sealed class TableRunner(
    TablePlan plan, TableResults results, TableRunOptions options, IJobRunner runner, IProgress<TableProgress>? progress = null)
{
    private readonly Dictionary<Job, string> failed = [];
    private readonly List<(Job Job, int Threads, Task<JobOutcome> Task)> running = [];
    private FoundResults found = FoundResults.None;

    /// <summary>Where a network is, or will be.</summary>
    public string PlaceOf(TrainJob job) => job.Trained ?? Path.Combine(options.Output, job.Id);

    /// <summary>Takes up the results that are there.</summary>
    /// <returns>The jobs that are to be done, in order.</returns>
    /// <exception cref="InputException">Results or run folders that are there don't belong to the table.</exception>
    public IReadOnlyList<Job> Plan() => Plan(out _);

    /// <summary>Does the table.</summary>
    /// <param name="cancel">Stops all jobs at their next step; the table can be run again and goes on.</param>
    /// <returns>The jobs that failed, and why; empty where the table is complete.</returns>
    /// <exception cref="InputException">Results or run folders that are there don't belong to the table.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public async Task<IReadOnlyDictionary<Job, string>> RunAsync(CancellationToken cancel = default)
    {
        var waiting = Plan(out var there).ToList();
        // What was begun with another recipe is refused before anything runs.
        foreach (var network in waiting.OfType<TrainJob>()) Prepared(network);
        foreach (var job in there) TakeUp(job);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (waiting.Count > 0 || running.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                GiveUp(waiting);
                Start(waiting, stop.Token);
                if (running.Count == 0)
                {
                    // Nothing runs that could bring what they wait for.
                    foreach (var job in waiting)
                        Fail(job, $"it waits for {job.Needs.First(need => !IsThere(need)).Id}, which isn't there any more");
                    waiting.Clear();
                    continue;
                }
                var ended = await Task.WhenAny(running.Select(one => one.Task)).ConfigureAwait(false);
                var (which, _, task) = running.Single(one => one.Task == ended);
                running.RemoveAll(one => one.Task == ended);
                await EndAsync(which, task).ConfigureAwait(false);
            }
        }
        catch
        {
            // Whatever stops the table, none is left behind; they stop by themselves, and their checkpoints are worth the wait.
            await stop.CancelAsync().ConfigureAwait(false);
            while (running.Count > 0)
            {
                var (job, _, task) = running[0];
                running.RemoveAt(0);
                try
                {
                    await EndAsync(job, task).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                }
            }
            throw;
        }
        return failed;
    }

    /// <summary>What is to be done, and what of the networks that it needs is there.</summary>
    /// <remarks>A network is needed while a job isn't done that reads it: its result alone doesn't teach.</remarks>
    private List<Job> Plan(out List<TrainJob> there)
    {
        if (options.Jobs < 1 || options.Jobs > options.Cores)
            throw new InputException($"--jobs must be from 1 to the number of cores ({options.Cores}), not {options.Jobs}.");
        found = results.Read(plan);
        var (needed, waiting) = (new HashSet<Job>(), new List<Job>());
        there = [];
        foreach (var job in plan.Jobs.Reverse())
        {
            if (job is TrainJob { IsMeans: true } ? !needed.Contains(job) : found.Has(job)) continue;
            if (job is TrainJob network && IsThere(network)) there.Add(network);
            else
            {
                waiting.Add(job);
                needed.UnionWith(job.Needs);
            }
        }
        waiting.Reverse();
        there.Reverse();
        return waiting;
    }

    private void GiveUp(List<Job> waiting)
    {
        // In the order of the jobs, so that what fails takes all that is behind it with it.
        foreach (var job in waiting.ToList())
            if (job.Needs.FirstOrDefault(failed.ContainsKey) is { } lacking)
            {
                waiting.Remove(job);
                Fail(job, lacking == (job as TrainJob)?.TeacherJob
                    ? $"its teacher {lacking.Id} failed"
                    : $"its network {lacking.Id} failed");
            }
    }

    /// <summary>Starts what may begin, in order.</summary>
    /// <remarks>A job that is too wide for the cores that are free waits, and those behind it do, so that it gets its
    /// turn.</remarks>
    private void Start(List<Job> waiting, CancellationToken cancel)
    {
        foreach (var job in waiting.Where(job => job.Needs.All(IsThere)).ToList())
        {
            var start = Prepared(job);
            var threads = start.Threads == 0 ? options.Cores : Math.Min(options.Cores, start.Threads);
            if (running.Count >= options.Jobs || running.Sum(one => one.Threads) + threads > options.Cores) return;
            waiting.Remove(job);
            Report(job, start is TrainStart { Resume: true } ? TableEvent.Resumed : TableEvent.Started);
            running.Add((job, threads, runner.RunAsync(start, cancel)));
        }
    }

    private async Task EndAsync(Job job, Task<JobOutcome> task)
    {
        try
        {
            var outcome = await task.ConfigureAwait(false);
            if (outcome.Failure is not null) Fail(job, outcome.Failure);
            else if (job is TrainJob network) TakeUp(network);
            else Keep(job, ((MeasureJob)job).Keep(outcome.Measured!));
        }
        catch (Exception e) when (e is InputException or TrainingException or NotFiniteNumberException or IOException
            or UnauthorizedAccessException)
        {
            Fail(job, e.Message);
        }
    }

    /// <summary>Keeps the result of a network that is there, and refuses another than the results were made with.</summary>
    private void TakeUp(TrainJob job)
    {
        var place = PlaceOf(job);
        var result = job.Keep(job.Trained is null ? TableResults.ReadRun(place) : null, place, options.Formats);
        if (found.Of<object>(job) is not { } known || !job.Facts(known).SequenceEqual(job.Facts(result))) Keep(job, result);
    }

    private void Keep(Job job, object result)
    {
        found = results.Add(found, job, result);
        Report(job, TableEvent.Done, job.Summary(result));
    }

    private void Fail(Job job, string why)
    {
        failed[job] = why;
        Report(job, TableEvent.Failed, why);
    }

    private void Report(Job job, TableEvent what, string? outcome = null) =>
        progress?.Report(new TableProgress(job, what, found.Count, plan.Jobs.Count) { Outcome = outcome });

    /// <summary>Whether a network is trained to its end.</summary>
    private bool IsThere(TrainJob job) => job.Trained is not null
        || (File.Exists(Path.Combine(PlaceOf(job), RunFolder.ResultName)) && File.Exists(Path.Combine(PlaceOf(job), RunFolder.NetworkName))
            && Prepared(job).Resume);

    private JobStart Prepared(Job job)
    {
        if (job is TrainJob network) return Prepared(network);
        var measure = (MeasureJob)job;
        return new MeasureStart(measure, measure.Recipe with
        {
            Backbone = PlaceOf(measure.Backbone),
            Teacher = measure.Teacher is { } teacher ? PlaceOf(teacher) : null,
        });
    }

    /// <summary>What is to be trained where.</summary>
    /// <exception cref="InputException">Something else was begun there.</exception>
    private TrainStart Prepared(TrainJob job)
    {
        var folder = PlaceOf(job);
        var own = job.Recipe!;
        var recipe = own with
        {
            Teacher = job.TeacherJob is { } teacher ? PlaceOf(teacher) : own.Teacher,
            Start = job.StartJob is { } start ? PlaceOf(start) : own.Start,
            TeacherCache = own.TeacherCache == "auto" && own.Teacher is not null
                ? Path.Combine(options.Output, "teacher-cache") : own.TeacherCache,
            Threads = own.Threads == 0 ? options.ThreadsEach : own.Threads,
        };
        var record = Path.Combine(folder, RunFolder.RecipeName);
        if (!File.Exists(record))
        {
            // Cut before it began: the recipe is written last.
            if (Directory.Exists(folder)) File.Delete(Path.Combine(folder, RunFolder.EnvironmentName));
            return new TrainStart(job, recipe, folder, Resume: false);
        }
        var begun = RecipeReader.Read<Recipe>(record, []);
        // What it is made of may have moved. Its threads decide how sums are rounded, so it keeps them.
        var moved = begun with
        {
            Data = recipe.Data, Teacher = recipe.Teacher, Start = recipe.Start, Unlabelled = recipe.Unlabelled,
            TeacherCache = recipe.TeacherCache,
        };
        if (Identity.Hash(begun) == job.SettingsHash) return new TrainStart(job, moved, folder, Resume: true);
        var asked = recipe with { Device = begun.Device, Precision = begun.Precision, Threads = begun.Threads };
        throw new InputException($"The run in '{folder}' was begun with another recipe than the table's for {job.Id}; "
            + $"delete it, or choose another folder with --out:\n  {string.Join("\n  ", RecipeWriter.Differences(moved, asked))}");
    }
}
