using System.Globalization;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Tables.FewShot;

/// <summary>Does what of a table of few-shot learners isn't done, one after the other: first the networks that are needed, each after what it
/// starts from, then the cells, whose tasks run side by side. What was cut goes on, what fails is named and the others go on.</summary>
/// <param name="plan">The table.</param>
/// <param name="results">Where results are, and are kept.</param>
/// <param name="output">Folder for the run folders.</param>
/// <param name="work">Trains and measures.</param>
/// <param name="progress">Told what happens; may be null.</param>
public sealed class MiddleShotRunner(MiddleShotPlan plan, MiddleShotResults results, string output, IMiddleShotWork work, IProgress<MiddleShotProgress>? progress = null)
{
    private readonly Dictionary<string, string> failed = [];
    private MiddleShotFound found = new(new Dictionary<TableNetwork, NetworkRecord>(), new Dictionary<MiddleShotCell, FewShotRunResult>());
    private int left;

    /// <summary>A network's run folder.</summary>
    public string FolderOf(TableNetwork network) => Path.Combine(output, network.Name);

    /// <summary>Takes up the results that are there.</summary>
    /// <returns>What is to be done.</returns>
    /// <exception cref="InputException">Results or run folders that are there don't belong to the table.</exception>
    public MiddleShotWaiting Plan()
    {
        found = results.Read(plan);
        var cells = plan.Cells.Where(cell => !found.Cells.ContainsKey(cell)).ToList();
        var needed = cells.SelectMany(cell => cell.Networks).ToHashSet();
        // What a network starts from is needed while it isn't trained itself.
        foreach (var network in plan.Networks.Reverse())
            if (needed.Contains(network) && !IsTrained(network) && network.Start is { } start) needed.Add(start);
        var waiting = plan.Networks.Where(network => needed.Contains(network) && !IsTrained(network)).ToList();
        foreach (var network in waiting) Job(network);
        return new MiddleShotWaiting(waiting, cells);
    }

    /// <summary>Checks and runs the table.</summary>
    /// <param name="cancel">Stops it; the table can be run again and goes on.</param>
    /// <returns>What failed, and why; empty where the table is complete.</returns>
    /// <exception cref="InputException">Something can't be used, or results or run folders that are there don't belong to the table.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public IReadOnlyDictionary<string, string> Run(CancellationToken cancel = default)
    {
        var waiting = Plan();
        left = waiting.Count;
        if (left == 0) return failed;
        work.Check(plan, waiting, cancel);
        foreach (var network in waiting.Networks)
        {
            cancel.ThrowIfCancellationRequested();
            Do(network.Name, network.Start is null ? [] : [network.Start], () => Train(network, cancel));
        }
        foreach (var network in waiting.Cells.SelectMany(cell => cell.Networks).Distinct().Where(network => !failed.ContainsKey(network.Name) && !waiting.Networks.Contains(network))) Record(network);
        foreach (var cell in waiting.Cells)
        {
            cancel.ThrowIfCancellationRequested();
            Do(cell.Id, cell.Networks, () => Measure(cell, cancel));
        }
        return failed;
    }

    private void Do(string id, IEnumerable<TableNetwork> needs, Func<string> doing)
    {
        left--;
        try
        {
            if (needs.FirstOrDefault(network => failed.ContainsKey(network.Name)) is { } lacking) throw new TrainingException($"its network {lacking.Name} failed");
            var measured = doing();
            progress?.Report(new MiddleShotProgress(id, TableEvent.Done, left) { Measured = measured });
        }
        catch (Exception e) when (e is TrainingException or IOException or UnauthorizedAccessException)
        {
            failed[id] = e.Message;
            progress?.Report(new MiddleShotProgress(id, TableEvent.Failed, left) { Failure = e.Message });
        }
    }

    private string Train(TableNetwork network, CancellationToken cancel)
    {
        var job = Job(network);
        progress?.Report(new MiddleShotProgress(network.Name, job.Resume ? TableEvent.Resumed : TableEvent.Started, left));
        var run = work.Train(job, cancel);
        Record(network, run);
        return string.Create(CultureInfo.InvariantCulture, $"{(run.Validation is { } validation ? $"validation tasks {validation:0.0} %" : $"top-1 {run.Top1Selected:0.0} %")} ({run.Seconds:0} s)");
    }

    private string Measure(MiddleShotCell cell, CancellationToken cancel)
    {
        progress?.Report(new MiddleShotProgress(cell.Id, TableEvent.Started, left));
        var recipe = cell.Recipe with { Backbone = PlaceOf(cell.Backbone), Teacher = cell.Teacher is null ? null : PlaceOf(cell.Teacher) };
        var result = work.Measure(cell, recipe, cancel) with { Row = cell.Row.Name };
        found = results.Add(found, cell, result);
        return string.Create(CultureInfo.InvariantCulture, $"{result.Mean:0.0} ± {result.HalfWidth:0.0} % ({result.Tasks} tasks, {result.Seconds:0} s)");
    }

    /// <summary>Keeps which file a network is, and refuses another than the results were measured with.</summary>
    private void Record(TableNetwork network, RunResult? run = null)
    {
        var file = TeacherFile.Find(PlaceOf(network), "network");
        var adapter = FewShotNetwork.AdapterOf(file);
        if (run is null && network.Trained is null) run = TableResults.Read(Path.Combine(FolderOf(network), RunFolder.ResultName));
        var record = new NetworkRecord(network.Name, run?.Student ?? Weights.NetworkFile.ArchitectureOf(file), Experiment.HashOf(file), File.Exists(adapter) ? Experiment.HashOf(adapter) : null, run);
        if (!found.Networks.TryGetValue(network, out var known) || known != record) found = results.Add(found, network, record);
    }

    private string PlaceOf(TableNetwork network) => network.Trained ?? FolderOf(network);

    private bool IsTrained(TableNetwork network) => network.Trained is not null
        || (File.Exists(Path.Combine(FolderOf(network), RunFolder.ResultName)) && File.Exists(Path.Combine(FolderOf(network), RunFolder.NetworkName)) && Job(network).Resume);

    /// <summary>What is to be trained where.</summary>
    /// <exception cref="InputException">Something else was begun there.</exception>
    private NetworkJob Job(TableNetwork network)
    {
        var folder = FolderOf(network);
        var recipe = network.Recipe! with { Start = network.Start is { } start ? PlaceOf(start) : network.Recipe.Start };
        var record = Path.Combine(folder, RunFolder.RecipeName);
        if (!File.Exists(record))
        {
            // Cut before it began: the recipe is written last.
            if (Directory.Exists(folder)) File.Delete(Path.Combine(folder, RunFolder.EnvironmentName));
            return new NetworkJob(network, recipe, folder, Resume: false);
        }
        var begun = RecipeReader.Read<Recipe>(record, []);
        if (RecipeIdentity.Hash(begun) == network.SettingsHash) return new NetworkJob(network, begun with { Start = recipe.Start, Data = recipe.Data }, folder, Resume: true);
        throw new InputException($"The run in '{folder}' was begun with another recipe than the table's for {network.Name}; delete it, or choose another folder with --out:\n  "
            + string.Join("\n  ", RecipeWriter.Differences(begun, recipe with { Device = begun.Device, Precision = begun.Precision, Threads = begun.Threads, TeacherCache = begun.TeacherCache, Start = begun.Start })));
    }
}
