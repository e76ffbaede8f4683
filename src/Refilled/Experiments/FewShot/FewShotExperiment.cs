using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.FewShot;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Experiments.FewShot;

/// <summary>A few-shot recipe over data made ready to run: all that can be wrong has been checked.</summary>
/// <remarks>The checks stand in the order of their cost.</remarks>
public sealed class FewShotExperiment : IDisposable
{
    private readonly FewShotNetworks networks;
    private readonly Dataset data;
    private readonly FewShotSource source;
    private readonly FewShotSource? validation;

    private FewShotExperiment(FewShotRecipe recipe, FewShotNetworks networks, Dataset data, ImageSet novel, ImageSet? validation)
    {
        (Recipe, this.networks, this.data) = (recipe, networks, data);
        (source, this.validation) = (new FewShotSource(novel), validation is null ? null : new FewShotSource(validation));
    }

    /// <summary>The effective recipe: "auto" is resolved.</summary>
    public FewShotRecipe Recipe { get; }

    /// <summary>Remarks about the data.</summary>
    public IReadOnlyList<string> Notes => data.Notes;

    /// <summary>The images that tasks are drawn from.</summary>
    public ImageSet Images => source.Set;

    /// <summary>Replaces "auto" and 0 by what they stand for on this machine, and loads the engine.</summary>
    public static FewShotRecipe Resolve(FewShotRecipe recipe)
    {
        var device = Devices.Resolve(recipe.Device);
        var choice = recipe.Precision == PrecisionChoice.Auto && FewShotLearners.Find(recipe.Learner).ComputesInFp32
            ? PrecisionChoice.Fp32 : recipe.Precision;
        return recipe with
        {
            Device = device,
            Precision = Devices.Resolve(choice, device) == Precision.Bf16 ? PrecisionChoice.Bf16 : PrecisionChoice.Fp32,
            Threads = recipe.Threads == 0 ? Environment.ProcessorCount : recipe.Threads,
        };
    }

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
        recipe = Resolve(recipe);
        set_num_threads(recipe.Threads);
        var networks = FewShotNetworks.Load(recipe, formats);
        try
        {
            var data = loaded ?? DataCatalog.Load(spec, recipe.DataOptions, cancel);
            networks.CheckWay(recipe, recipe.Episode.Way);
            var (novel, chosenOn) = Check(recipe, data, recipe.Backbone, networks.Network.Input, networks.Trained);
            return new FewShotExperiment(recipe, networks, data, novel, chosenOn);
        }
        catch
        {
            networks.Dispose();
            throw;
        }
    }

    /// <summary>The images that tasks are drawn from, and those that something is chosen on, where the recipe names such.</summary>
    /// <exception cref="InputException">A class is missing.</exception>
    internal static (ImageSet Novel, ImageSet? Validation) Select(FewShotRecipe recipe, Dataset data)
    {
        ImageSet Images(string classes, ImageSet part) =>
            ClassSpec.Parse(classes).Resolve(data) is var chosen && recipe.JoinTest ? data.Joined(chosen) : part.OfClasses(chosen);
        return (Images(recipe.Classes, data.Test), recipe.Validation is { } validation ? Images(validation, data.Train) : null);
    }

    /// <summary>Checks a recipe against data and networks.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">The data.</param>
    /// <param name="backbone">What the backbone is called.</param>
    /// <param name="input">What it sees.</param>
    /// <param name="trained">The classes that networks were trained on, each with what it is called.</param>
    /// <returns>The images that tasks are drawn from, and those that something is chosen on.</returns>
    /// <exception cref="InputException">They don't suit each other.</exception>
    internal static (ImageSet Novel, ImageSet? Validation) Check(
        FewShotRecipe recipe, Dataset data, string backbone, Networks.InputSpec input,
        IEnumerable<(string Whose, IReadOnlyList<string> Names)> trained)
    {
        var (novel, validation) = Select(recipe, data);
        FewShotClasses.Check(novel.ClassNames, validation?.ClassNames, trained);
        CheckSize(novel, input, backbone);
        CheckTasks(recipe, novel, validation);
        return (novel, validation);
    }

    /// <summary>Solves the tasks.</summary>
    /// <param name="progress">Told, by the calling thread, a few times a second and at the end.</param>
    /// <param name="cancel">Ends it after the tasks that are under way.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public FewShotRunResult Run(IProgress<FewShotProgress>? progress = null, CancellationToken cancel = default)
    {
        set_num_threads(Recipe.Threads);
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
            Right = [.. found.Accuracies.Select(accuracy => (int)Math.Round(accuracy * Recipe.Episode.Way * Recipe.Episode.Query))],
            Chosen = chosen,
            AtSteps = steps?.Accuracies() ?? [],
            Seconds = Math.Round(found.Seconds, 1),
            TasksPerSecond = Math.Round(found.Accuracies.Count / found.Seconds, 3),
            Precision = RecipeNames.Kebab(Recipe.Precision.ToString()),
            Machine = HostFacts.Collect().Summary(Recipe.Device, Recipe.Threads),
            RecipeHash = RecipeWriter.Hash(Recipe with
            {
                Data = data.Name,
                Backbone = networks.Backbone.Place.Hash,
                Teacher = networks.Teacher?.Place.Hash,
                Classes = ClassSpec.Parse(Recipe.Classes).Identity,
                Validation = Recipe.Validation is { } named ? ClassSpec.Parse(named).Identity : null,
            }),
            SettingsHash = FewShotIdentity.Hash(Recipe),
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

    /// <summary>A network that was trained at one size is not measured at another: resized images would say less of it.</summary>
    internal static void CheckSize(ImageSet images, Networks.InputSpec input, string backbone)
    {
        var shape = images.Store.ViewShape;
        if (shape.Channels != input.Channels)
            throw new InputException($"The backbone '{backbone}' reads {input.Channels} channels, "
                + $"but the data's images have {shape.Channels}.");
        if ((shape.Width, shape.Height) == (input.Width, input.Height)) return;
        var way = input.Width == input.Height ? $": use --image-size {input.Width}, or another backbone" : "; name another backbone";
        throw new InputException($"The backbone '{backbone}' was trained on images of {input.Width}×{input.Height} pixels, "
            + $"but the data's views have {shape.Width}×{shape.Height}{way}.");
    }

    /// <summary>Checks that a recipe's tasks can be drawn.</summary>
    /// <exception cref="InputException">There are too few classes, or a class has too few images.</exception>
    internal static void CheckTasks(FewShotRecipe recipe, ImageSet novel, ImageSet? validation)
    {
        _ = new EpisodeSampler(novel, recipe.Episode, recipe.Seed);
        if (validation is null) return;
        try
        {
            _ = new EpisodeSampler(validation, recipe.Episode, recipe.Seed);
        }
        catch (InputException e)
        {
            throw new InputException($"Of the validation: {e.Message}", e);
        }
    }
}
