using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tables;

/// <summary>Prepares every job of a table before any begins, with untrained networks for those that it will train.</summary>
internal sealed class TablePreflight : IDisposable
{
    private readonly LoadedData data;
    private readonly IReadOnlyList<ITeacherFormat> formats;
    private readonly CancellationToken cancel;
    private readonly List<string> problems = [];
    private readonly Dictionary<TrainJob, Experiment?> prepared = [];
    private readonly Dictionary<TrainJob, Teacher?> given = [];

    private TablePreflight(LoadedData data, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel) =>
        (this.data, this.formats, this.cancel) = (data, formats, cancel);

    /// <summary>Checks what is to be done.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="waiting">The jobs that are to be done, in order.</param>
    /// <param name="results">The results of those that are: they must be of the same data.</param>
    /// <param name="data">The data.</param>
    /// <param name="formats">Formats of teachers of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">Something can't be used; the message holds everything that was found.</exception>
    public static void Check(TablePlan plan, IReadOnlyList<Job> waiting, TableResults results, LoadedData data,
        IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default)
    {
        if (!plan.NamesData) throw new InputException("The table's recipe names no data: give them with --data.");
        var found = results.Read(plan);
        using var preflight = new TablePreflight(data, formats, cancel);
        // Seeds differ in nothing that can be wrong.
        foreach (var job in waiting.OfType<TrainJob>().DistinctBy(job => (job.Label, job.Recipe!.Student))) preflight.Prepared(job);
        foreach (var job in waiting.OfType<MeasureJob>()) preflight.Try(job, () => preflight.Check(job));
        preflight.CheckData(found, results);
        if (preflight.problems.Count > 0) throw new InputException(string.Join('\n', preflight.problems.Distinct()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var experiment in prepared.Values) experiment?.Dispose();
        foreach (var network in given.Values) network?.Dispose();
    }

    private void Try(Job job, Action check)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            check();
        }
        catch (InputException e)
        {
            problems.Add($"{job.Label}: {e.Message}");
        }
    }

    /// <summary>A training made ready; null where something is wrong, which is noted.</summary>
    private Experiment? Prepared(TrainJob job)
    {
        if (prepared.TryGetValue(job, out var known)) return known;
        var teacher = job.TeacherJob is { } first ? Prepared(first) : null;
        prepared[job] = null;
        if (job.TeacherJob is not null && teacher is null) return null;
        Try(job, () =>
        {
            // What it starts from may not be there yet; that it has the same architecture is known.
            var recipe = job.Recipe! with { TeacherCache = "off", Start = job.StartJob is null ? job.Recipe.Start : null };
            var loaded = data.Of(recipe.Data, recipe.DataOptions, cancel);
            prepared[job] = teacher is null ? Experiment.Prepare(recipe, loaded, formats, cancel)
                : Experiment.Prepare(recipe, loaded, Like(teacher), cancel);
        });
        return prepared[job];
    }

    /// <summary>An untrained network like the one that an experiment trains.</summary>
    private static TrainedNetwork Like(Experiment experiment)
    {
        var student = experiment.Task.Student;
        return new TrainedNetwork(NetworkCatalog.Create(student.Architecture, student.Options), experiment.Task.Train.ClassNames);
    }

    /// <summary>The classes that a network was or will be trained on; null where something is wrong.</summary>
    private IReadOnlyList<string>? Classes(TrainJob job) =>
        job.Trained is null ? Prepared(job)?.Task.Train.ClassNames : Given(job)?.ClassNames;

    /// <summary>What a network sees whose classes are known.</summary>
    private InputSpec Input(TrainJob job) =>
        job.Trained is null ? Prepared(job)!.Task.Student.Input : Given(job)!.Trained.Network.Input;

    /// <summary>A network that was trained already; null where something is wrong, which is noted.</summary>
    private Teacher? Given(TrainJob job)
    {
        if (given.TryGetValue(job, out var network)) return network;
        given[job] = null;
        var options = new TeacherOptions(CPU, Precision.Fp32);
        Try(job, () => given[job] = Teacher.Open(Teacher.Find(job.Trained!, "network", formats), options, formats));
        return given[job];
    }

    private void Check(MeasureJob job)
    {
        var recipe = job.Recipe;
        if (job.Backbone.Trained is { } place && FewShotLearners.Find(recipe.Learner).Adapter is not null)
        {
            var file = NetworkPlace.Find(place, "network").File;
            if (!File.Exists(AdapterFile.Beside(file)))
                throw new InputException($"the learner '{recipe.Learner}' needs what was trained beside its network, "
                    + $"but beside '{file}' there is no {RunFolder.AdapterName}");
        }
        var networks = job.Needs.Select(network => (Whose: $"network '{network.Id}'", Classes: Classes(network)!)).ToList();
        if (networks.Any(network => network.Classes is null)) return;
        TaskImages.Select(recipe, data.Of(recipe.Data!, recipe.DataOptions, cancel))
            .Check(recipe.Episode, job.Backbone.Id, Input(job.Backbone), networks);
    }

    /// <summary>Results that are there must be of the data that are used now.</summary>
    private void CheckData(FoundResults found, TableResults results)
    {
        foreach (var (job, result) in found.All)
        {
            var recipe = (job as TrainJob)?.Recipe;
            if (recipe is null || job.Measured(result) is not { } measured) continue;
            if (data.Known(recipe.Data, recipe.DataOptions) is { } now && now.Hash != measured.DataHash)
                throw new InputException($"The result '{results.PathOf(job)}' was made with the data {measured.DataHash}, "
                    + $"and '{recipe.Data}' is {now.Hash} now. {TableResults.Cure}");
        }
    }
}
