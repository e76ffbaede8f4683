using Refilled.Data;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.Teachers;
using Refilled.Training;

namespace Refilled.Tables;

/// <summary>Does jobs in this process, on the thread that asks.</summary>
/// <param name="data">The data.</param>
/// <param name="formats">Formats of teachers of the caller's, asked before the built-in ones.</param>
/// <param name="showTraining">Given a training, runs and shows it.</param>
/// <param name="showTasks">The same of tasks.</param>
internal sealed class JobsInProcess(
    LoadedData data, IReadOnlyList<ITeacherFormat> formats, Func<Func<IProgress<TrainProgress>, RunResult>, RunResult> showTraining,
    Func<Func<IProgress<FewShotProgress>, FewShotRunResult>, FewShotRunResult> showTasks) : IJobRunner
{
    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel)
    {
        // What goes wrong is part of the task's end, not of its beginning.
        await Task.CompletedTask.ConfigureAwait(false);
        if (start is MeasureStart measure) return new JobOutcome(Measure(measure.Recipe, cancel), null);
        Train((TrainStart)start, cancel);
        return JobOutcome.Trained;
    }

    private void Train(TrainStart start, CancellationToken cancel)
    {
        var loaded = data.Of(start.Recipe.Data, start.Recipe.DataOptions, cancel);
        using var experiment = Experiment.Prepare(start.Recipe, loaded, formats, cancel);
        using var folder = start.Resume ? RunFolder.Open(start.Folder) : RunFolder.Create(start.Folder);
        showTraining(progress => experiment.Run(folder, progress, cancel));
    }

    private FewShotRunResult Measure(FewShotRecipe recipe, CancellationToken cancel)
    {
        using var experiment = FewShotExperiment.Prepare(recipe, data.Of(recipe.Data!, recipe.DataOptions, cancel), formats, cancel);
        return showTasks(progress => experiment.Run(progress, cancel));
    }
}

/// <summary>Data that are read once.</summary>
internal sealed class LoadedData
{
    private readonly Dictionary<(string, DataOptions), Dataset> known = [];

    /// <summary>The data of a name, read if they weren't.</summary>
    /// <exception cref="InputException">They can't be read.</exception>
    public Dataset Of(string data, DataOptions options, CancellationToken cancel)
    {
        if (!known.TryGetValue((data, options), out var loaded)) known[(data, options)] = loaded = DataCatalog.Load(data, options, cancel);
        return loaded;
    }

    /// <summary>The data of a name where they were read; else null.</summary>
    public Dataset? Known(string data, DataOptions options) => known.GetValueOrDefault((data, options));
}
