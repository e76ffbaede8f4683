using Refilled.Data;
using Refilled.FewShot;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Experiments.FewShot;

/// <summary>A few-shot recipe over data made ready to run: all that can be wrong has been checked.</summary>
/// <remarks>The checks stand in the order of their cost.</remarks>
public sealed class FewShotExperiment : IDisposable
{
    private readonly Machine machine;
    private readonly FewShotNetworks networks;
    private readonly Dataset data;
    private readonly FewShotSource source;
    private readonly FewShotSource? validation;

    private FewShotExperiment(FewShotRecipe recipe, Machine machine, FewShotNetworks networks, Dataset data, TaskImages images)
    {
        (Recipe, this.machine, this.networks, this.data) = (recipe, machine, networks, data);
        source = new FewShotSource(images.Novel);
        validation = images.Validation is null ? null : new FewShotSource(images.Validation);
    }

    /// <summary>The effective recipe: "auto" is resolved.</summary>
    public FewShotRecipe Recipe { get; }

    /// <summary>Remarks about the data and the networks.</summary>
    public IReadOnlyList<string> Notes => [.. data.Notes, .. networks.Notes];

    /// <summary>The images that tasks are drawn from.</summary>
    public ImageSet Images => source.Set;

    /// <summary>Loads the networks and the data, and checks them against each other.</summary>
    /// <param name="recipe">A validated recipe that names data. The engine's threads stay as the process has them.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public static FewShotExperiment Prepare(FewShotRecipe recipe, CancellationToken cancel = default) => Prepare(recipe, [], cancel);

    /// <summary>As <see cref="Prepare(FewShotRecipe, CancellationToken)"/>, with a teacher that may be of another format.</summary>
    /// <param name="recipe">A validated recipe that names data.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public static FewShotExperiment Prepare(
        FewShotRecipe recipe, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default) =>
        Prepare(recipe with { Threads = get_num_threads() }, null, formats, cancel);

    /// <summary>As <see cref="Prepare(FewShotRecipe, CancellationToken)"/>, with data that is loaded already; null loads it.</summary>
    /// <remarks>For our own commands: from now on the process has the recipe's number of threads.</remarks>
    internal static FewShotExperiment Prepare(
        FewShotRecipe recipe, Dataset? loaded, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        var spec = recipe.Data ?? throw new InputException("The recipe names no data to draw tasks from.");
        var machine = recipe.Resolve();
        recipe = recipe.On(machine);
        machine.Take();
        var networks = FewShotNetworks.Load(recipe, machine, formats);
        try
        {
            var data = loaded ?? DataCatalog.Load(spec, recipe.DataOptions, cancel);
            networks.CheckWay(recipe, recipe.Episode.Way);
            var images = TaskImages.Select(recipe, data);
            images.Check(recipe.Episode, recipe.Backbone, networks.Backbone.Trained.Network.Input, networks.Trained);
            return new FewShotExperiment(recipe, machine, networks, data, images);
        }
        catch
        {
            networks.Dispose();
            throw;
        }
    }

    /// <summary>Solves the tasks.</summary>
    /// <param name="progress">Told, by the calling thread, a few times a second and at the end.</param>
    /// <param name="cancel">Ends it, tasks that are under way at their next step.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FewShotRunResult Run(IProgress<FewShotProgress>? progress = null, CancellationToken cancel = default)
    {
        machine.Take();
        var tasks = new FewShotTasks(source, Recipe.Episode, Recipe.Seed, Recipe.Tasks);
        var chosen = new Dictionary<string, double>();
        var learner = FewShotLearners.Find(Recipe.Learner).Make(networks.Parts(Recipe) with
        {
            Validation = validation is null ? null : new FewShotTasks(validation, Recipe.Episode, Recipe.Seed, Recipe.ValidationTasks),
            Chosen = chosen.Add,
            Cancel = cancel,
        });
        using var owned = learner as IDisposable;
        var steps = learner is IAnytimeLearner trained ? new StepRecorder(trained) : null;
        var found = FewShotEvaluator.Evaluate(steps ?? learner, tasks, progress: progress, cancel: cancel);
        return new FewShotRunResult
        {
            Data = data.Name,
            Classes = ClassSpec.Parse(Recipe.Classes).Label,
            Learner = Recipe.Learner,
            Row = Recipe.Learner,
            Backbone = networks.Backbone.Name,
            BackboneHash = networks.Backbone.Place.Hash,
            Teacher = networks.Teacher?.Name,
            TeacherHash = networks.Teacher?.Place.Hash,
            AdapterHash = networks.AdapterHash,
            Way = Recipe.Episode.Way,
            Shot = Recipe.Episode.Shot,
            Query = Recipe.Episode.Query,
            Tasks = Recipe.Tasks,
            Seed = Recipe.Seed,
            TasksHash = found.Tasks,
            FirstTasksHash = new FewShotTasks(source, Recipe.Episode, Recipe.Seed, 2).Fingerprint(),
            Mean = Percent.Of(found.Mean),
            HalfWidth = Percent.Of(found.HalfWidth),
            Right = [.. found.Accuracies.Select(accuracy => (int)Math.Round(accuracy * Recipe.Episode.Queries))],
            Chosen = chosen,
            AtSteps = steps?.Accuracies() ?? [],
            Seconds = Math.Round(found.Seconds, 1),
            TasksPerSecond = Math.Round(found.Accuracies.Count / found.Seconds, 3),
            Precision = RecipeNames.Kebab(machine.Choice.ToString()),
            Machine = machine.Summary(),
            RecipeHash = RecipeWriter.Hash(Recipe with
            {
                Data = data.Name,
                Backbone = networks.Backbone.Place.Hash,
                Teacher = networks.Teacher?.Place.Hash,
                Classes = ClassSpec.Parse(Recipe.Classes).Identity,
                Validation = Recipe.Validation is { } named ? ClassSpec.Parse(named).Identity : null,
            }),
            SettingsHash = Recipe.SettingsHash(),
            ResultsVersion = ResultsVersion.Current,
            DataHash = data.Hash,
            Version = Experiment.Version,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        source.Dispose();
        validation?.Dispose();
        networks.Dispose();
    }
}
