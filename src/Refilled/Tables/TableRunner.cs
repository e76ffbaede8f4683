using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>Runs what of a table isn't done: teachers before their students, side by side within the cores. Runs that were cut go on,
/// a run that fails is named and the others go on.</summary>
/// <param name="plan">The table.</param>
/// <param name="results">Where finished results are, and are kept.</param>
/// <param name="options">Folders and cores.</param>
/// <param name="runner">Runs one cell.</param>
/// <param name="progress">Told what happens; may be null.</param>
public sealed class TableRunner(TablePlan plan, TableResults results, TableRunOptions options, ICellRunner runner, IProgress<TableProgress>? progress = null)
{
    private readonly Dictionary<TableCell, RunResult> done = [];
    private readonly Dictionary<TableCell, string> failed = [];
    private readonly Dictionary<TableCell, CellJob> jobs = [];
    private readonly List<(TableCell Cell, int Threads, Task<CellOutcome> Task)> running = [];

    /// <summary>A run's folder.</summary>
    public string FolderOf(TableCell cell) => Path.Combine(options.Output, cell.Id);

    /// <summary>Takes up the results that are there.</summary>
    /// <returns>The runs that are to be done, in order.</returns>
    /// <exception cref="InputException">Results or run folders that are there don't belong to the table.</exception>
    public IReadOnlyList<TableCell> Plan()
    {
        if (options.Jobs < 1 || options.Jobs > options.Cores) throw new InputException($"--jobs must be from 1 to the number of cores ({options.Cores}), not {options.Jobs}.");
        foreach (var (cell, result) in results.Read(plan)) done[cell] = result;
        var waiting = plan.All.Where(IsNeeded).ToList();
        foreach (var cell in waiting) jobs[cell] = Job(cell);
        return waiting;
    }

    /// <summary>Runs the table.</summary>
    /// <param name="cancel">Stops all runs at their next step; the table can be run again and goes on.</param>
    /// <returns>The runs that failed, and why; empty where the table is complete.</returns>
    /// <exception cref="InputException">Results or run folders that are there don't belong to the table.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public async Task<IReadOnlyDictionary<TableCell, string>> RunAsync(CancellationToken cancel = default)
    {
        var waiting = Plan().ToList();
        try
        {
            while (waiting.Count > 0 || running.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                GiveUp(waiting);
                Start(waiting, cancel);
                if (running.Count == 0) continue;
                var ended = await Task.WhenAny(running.Select(one => one.Task)).ConfigureAwait(false);
                var (which, _, task) = running.Single(one => one.Task == ended);
                running.RemoveAll(one => one.Task == ended);
                await EndAsync(which, task).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // They stop by themselves; their checkpoints are worth the wait.
            while (running.Count > 0)
            {
                var (cell, _, task) = running[0];
                running.RemoveAt(0);
                try
                {
                    await EndAsync(cell, task).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                }
            }
            throw;
        }
        return failed;
    }

    /// <summary>A teacher is needed while a student isn't done, and then its network is: its result alone doesn't teach.</summary>
    private bool IsNeeded(TableCell cell) => cell.IsTeacher
        ? !IsTrained(cell) && plan.Cells.Any(other => other.Teacher == cell && !done.ContainsKey(other))
        : !done.ContainsKey(cell);

    private void GiveUp(List<TableCell> waiting)
    {
        foreach (var cell in waiting.Where(cell => cell.Teacher is { } teacher && failed.ContainsKey(teacher)).ToList())
        {
            waiting.Remove(cell);
            Fail(cell, $"its teacher {cell.Teacher!.Id} failed");
        }
    }

    /// <summary>Starts what may begin, in order. A run that is too wide for the cores that are free waits, and those behind it do, so
    /// that it gets its turn.</summary>
    private void Start(List<TableCell> waiting, CancellationToken cancel)
    {
        foreach (var cell in waiting.Where(cell => cell.Teacher is not { } teacher || IsTrained(teacher)).ToList())
        {
            var threads = Math.Min(options.Cores, jobs[cell].Recipe.Threads);
            if (running.Count >= options.Jobs || running.Sum(one => one.Threads) + threads > options.Cores) return;
            waiting.Remove(cell);
            Report(cell, jobs[cell].Resume ? TableEvent.Resumed : TableEvent.Started);
            running.Add((cell, threads, runner.RunAsync(jobs[cell], cancel)));
        }
    }

    private bool IsTrained(TableCell teacher) => done.ContainsKey(teacher) && File.Exists(Path.Combine(FolderOf(teacher), RunFolder.NetworkName));

    private async Task EndAsync(TableCell cell, Task<CellOutcome> task)
    {
        try
        {
            var outcome = await task.ConfigureAwait(false);
            if (outcome.Failure is not null)
            {
                Fail(cell, outcome.Failure);
                return;
            }
            var result = TableResults.Read(Path.Combine(FolderOf(cell), RunFolder.ResultName));
            results.Add(plan, cell, result, done);
            done[cell] = result;
            progress?.Report(new TableProgress(cell, TableEvent.Done, done.Count, plan.All.Count()) { Result = result });
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            Fail(cell, e.Message);
        }
    }

    private void Fail(TableCell cell, string why)
    {
        failed[cell] = why;
        progress?.Report(new TableProgress(cell, TableEvent.Failed, done.Count, plan.All.Count()) { Failure = why });
    }

    private void Report(TableCell cell, TableEvent what) => progress?.Report(new TableProgress(cell, what, done.Count, plan.All.Count()));

    private CellJob Job(TableCell cell)
    {
        var folder = FolderOf(cell);
        var recipe = cell.Recipe with
        {
            Teacher = cell.Teacher is { } teacher ? FolderOf(teacher) : cell.TrainedTeacher,
            TeacherCache = cell.Recipe.TeacherCache == "auto" ? Path.Combine(options.Output, "teacher-cache") : cell.Recipe.TeacherCache,
            Threads = options.ThreadsEach,
        };
        var record = Path.Combine(folder, RunFolder.RecipeName);
        if (!File.Exists(record))
        {
            // Cut before it began: the recipe is written last.
            if (Directory.Exists(folder)) File.Delete(Path.Combine(folder, RunFolder.EnvironmentName));
            return new CellJob(cell, recipe, folder, Resume: false);
        }
        var begun = RecipeReader.Read<Recipe>(record, []);
        if (RecipeIdentity.Hash(begun) == cell.SettingsHash) return new CellJob(cell, begun, folder, Resume: true);
        throw new InputException($"The run in '{folder}' was begun with another recipe than the table's for {cell.Id}; delete it, or choose another folder with --out:\n  "
            + string.Join("\n  ", RecipeWriter.Differences(begun, recipe with { Device = begun.Device, Precision = begun.Precision, Threads = begun.Threads, TeacherCache = begun.TeacherCache, Teacher = begun.Teacher })));
    }
}
