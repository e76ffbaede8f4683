using Refilled.Data;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Tables.FewShot;

/// <summary>Looks at everything that can be wrong with a table of few-shot learners before any of it is trained: the data, the classes of
/// networks, tasks and validation, the sizes of tasks and images.</summary>
internal static class MiddleShotPreflight
{
    /// <param name="plan">The table.</param>
    /// <param name="waiting">What is to be done.</param>
    /// <param name="load">Reads data.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">Something can't be used; the message holds everything that was found.</exception>
    public static void Check(MiddleShotPlan plan, MiddleShotWaiting waiting, Func<string, DataOptions, Dataset> load, CancellationToken cancel)
    {
        var problems = new List<string>();
        void Try(string what, Action check)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                check();
            }
            catch (InputException e)
            {
                problems.Add($"{what}: {e.Message}");
            }
        }

        var seen = new Dictionary<TableNetwork, (IReadOnlyList<string> ClassNames, InputSpec Input)>();
        foreach (var network in waiting.Networks) Try(network.Name, () => seen[network] = Untrained(network.Recipe!, load, cancel));
        foreach (var network in waiting.Cells.SelectMany(cell => cell.Networks).Distinct().Except(waiting.Networks))
        {
            if (network.Trained is { } file) Try(network.Name, () => seen[network] = Trained(file, waiting.Cells.Where(cell => cell.Backbone == network)));
            else Try(network.Name, () => seen[network] = Untrained(network.Recipe!, load, cancel));
        }
        foreach (var cell in waiting.Cells.Where(cell => cell.Networks.All(seen.ContainsKey)))
            Try(cell.Id, () =>
            {
                var recipe = cell.Recipe;
                var (novel, validation) = FewShotExperiment.Select(recipe, load(recipe.Data!, recipe.DataOptions));
                FewShotClasses.Check(novel.ClassNames, validation?.ClassNames, cell.Networks.Select(network => ($"network '{network.Name}'", seen[network].ClassNames)));
                FewShotExperiment.CheckSize(novel, seen[cell.Backbone].Input, cell.Backbone.Name);
                FewShotExperiment.CheckTasks(recipe, novel, validation);
            });
        if (problems.Count > 0) throw new InputException(string.Join('\n', problems));
    }

    /// <summary>What a network will have been trained on, and see.</summary>
    private static (IReadOnlyList<string>, InputSpec) Untrained(Recipe recipe, Func<string, DataOptions, Dataset> load, CancellationToken cancel)
    {
        // What it starts from may not be there yet; that it has the same architecture is known.
        using var experiment = Experiment.Prepare(recipe with { Start = null }, load(recipe.Data, recipe.DataOptions), cancel);
        return (experiment.Task.Train.ClassNames, experiment.Task.Student.Input);
    }

    private static (IReadOnlyList<string>, InputSpec) Trained(string path, IEnumerable<MiddleShotCell> cells)
    {
        var file = TeacherFile.Find(path, "network");
        if (!File.Exists(FewShotNetwork.AdapterOf(file)) && cells.FirstOrDefault(cell => FewShotLearners.Find(cell.Row.Learner).Adapter is not null) is { } lacking)
            throw new InputException($"the learner '{lacking.Row.Learner}' needs what was trained beside its network, but beside '{file}' there is no {RunFolder.AdapterName}");
        var trained = NetworkFile.Load(file, Precision.Fp32);
        using var network = trained.Network;
        return (trained.ClassNames, network.Input);
    }
}
