using Refilled.Data;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.Training;

namespace Refilled.Tables.FewShot;

/// <summary>Trains and measures in this process. Data are read once.</summary>
/// <param name="showTraining">Given what is trained and its training, runs and shows it.</param>
/// <param name="showTasks">The same of tasks.</param>
public sealed class MiddleShotWork(Func<string, Func<IProgress<TrainProgress>, RunResult>, RunResult> showTraining, Func<string, Func<IProgress<FewShotProgress>, FewShotRunResult>, FewShotRunResult> showTasks) : IMiddleShotWork
{
    private readonly Dictionary<(string, DataOptions), Dataset> known = [];

    /// <inheritdoc/>
    public void Check(MiddleShotPlan plan, MiddleShotWaiting waiting, CancellationToken cancel)
    {
        if (plan.Recipe.Data is null) throw new InputException("The table's recipe names no data: give them with --data.");
        MiddleShotPreflight.Check(plan, waiting, (data, options) => Load(data, options, cancel), cancel);
    }

    /// <inheritdoc/>
    public RunResult Train(NetworkJob job, CancellationToken cancel)
    {
        using var experiment = Experiment.Prepare(job.Recipe, Load(job.Recipe.Data, job.Recipe.DataOptions, cancel), cancel);
        using var folder = job.Resume ? RunFolder.Open(job.Folder) : RunFolder.Create(job.Folder);
        return showTraining(job.Network.Name, progress => experiment.Run(folder, progress, cancel));
    }

    /// <inheritdoc/>
    public FewShotRunResult Measure(MiddleShotCell cell, FewShotRecipe recipe, CancellationToken cancel)
    {
        using var experiment = FewShotExperiment.Prepare(recipe, Load(recipe.Data!, recipe.DataOptions, cancel), cancel);
        return showTasks(cell.Id, progress => experiment.Run(progress, cancel));
    }

    private Dataset Load(string data, DataOptions options, CancellationToken cancel)
    {
        if (!known.TryGetValue((data, options), out var loaded)) known[(data, options)] = loaded = DataCatalog.Load(data, options, cancel);
        return loaded;
    }
}
