using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Native;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>A recipe made ready to run: all that can be wrong has been checked, and nothing has been written.</summary>
public sealed class Experiment : IDisposable
{
    private readonly Machine machine;
    private readonly RunImages images;
    private readonly Origins origins;

    internal Experiment(
        Recipe recipe, Machine machine, TrainingTask task, RunImages images, Origins origins, IReadOnlyList<string> notes)
    {
        (Recipe, Task, Notes) = (recipe, task, notes);
        (this.machine, this.images, this.origins) = (machine, images, origins);
    }

    /// <summary>The effective recipe: "auto" is resolved.</summary>
    public Recipe Recipe { get; }

    /// <summary>What the trainer is given.</summary>
    public TrainingTask Task { get; }

    /// <summary>Name of the data.</summary>
    public string DataName => origins.Data;

    /// <summary>Remarks about the data, the teacher's cache, and what was made of the recipe.</summary>
    public IReadOnlyList<string> Notes { get; }

    internal static string Version { get; } =
        typeof(Experiment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Replaces "auto", 0 and what isn't given by what they stand for on this machine, and loads the engine.</summary>
    public static Recipe Resolve(Recipe recipe) => recipe.On(Machine.Resolve(recipe));

    /// <summary>Loads the data and the teacher, checks them against each other, and makes the student.</summary>
    /// <param name="recipe">A validated recipe. The engine's threads stay as the process has them; the effective recipe says so.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public static Experiment Prepare(Recipe recipe, CancellationToken cancel = default) => Prepare(recipe, [], cancel);

    /// <summary>As <see cref="Prepare(Recipe, CancellationToken)"/>, with a teacher that may be of another format.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public static Experiment Prepare(Recipe recipe, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default) =>
        Preparation.Run(recipe with { Threads = get_num_threads() }, null, null, null, formats, cancel);

    /// <summary>As <see cref="Prepare(Recipe, CancellationToken)"/>, for our own commands: the process takes the recipe's
    /// threads.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="loaded">Its data, where they are loaded already.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    internal static Experiment Prepare(
        Recipe recipe, Dataset? loaded, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel) =>
        Preparation.Run(recipe, loaded, null, null, formats, cancel);

    /// <summary>As the one before, for trainings that share their unlabelled images as well.</summary>
    internal static Experiment Prepare(
        Recipe recipe, Dataset loaded, Dataset? unlabelled, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel) =>
        Preparation.Run(recipe, loaded, unlabelled, null, formats, cancel);

    /// <summary>Makes an experiment ready with a network like the one that its teacher will be.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="loaded">Its data.</param>
    /// <param name="standIn">Stands for the teacher, which isn't trained yet; freed with the experiment.</param>
    /// <param name="cancel">Stops it.</param>
    internal static Experiment Prepare(Recipe recipe, Dataset loaded, TrainedNetwork standIn, CancellationToken cancel) =>
        Preparation.Run(recipe, loaded, null, standIn, [], cancel);

    /// <summary>Trains, or goes on training, then reads the test images once and writes the networks and the result.</summary>
    public RunResult Run(RunFolder folder, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        Begin(folder);
        var result = Result(Execution.Run(Task, images, origins.Data, folder, progress, cancel));
        RunFolder.WriteText(folder.ResultFile, JsonSerializer.Serialize(result, RunFolder.Json) + "\n");
        return result;
    }

    /// <summary>Trains as <see cref="Run"/> does, and reads neither test nor held-out images: the student ends with the last epoch's
    /// weights.</summary>
    internal void Train(RunFolder folder, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        Begin(folder);
        Execution.Train(Task, folder, progress, cancel);
    }

    private void Begin(RunFolder folder)
    {
        if (!File.Exists(folder.RecipeFile))
            folder.Begin(RecipeWriter.Write(Recipe.FromAnywhere()), new
            {
                version = Version, started = DateTimeOffset.UtcNow,
                dataHash = origins.DataHash, teacherHash = origins.TeacherHash, startHash = origins.StartHash,
                unlabelledHash = origins.UnlabelledHash,
                data = origins.Data, parts = origins.Parts, classes = origins.Classes, teacher = origins.Teacher,
                host = HostFacts.Collect(),
            });
        else origins.MustBeThoseOf(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Without a cache both ask the teacher itself.
        if (!ReferenceEquals(Task.Unlabelled?.Teacher, Task.Teacher)) Task.Unlabelled?.Teacher?.Dispose();
        Task.Teacher?.Dispose();
        Task.Student.Dispose();
    }

    private RunResult Result(Scores scores) => new()
    {
        Setting = RecipeNames.Kebab(Recipe.Setting.ToString()),
        Data = origins.Data,
        Split = ClassSpec.Parse(Recipe.Classes).Label,
        Teacher = origins.Teacher,
        TeacherHash = origins.TeacherHash,
        StartHash = origins.StartHash,
        UnlabelledHash = origins.UnlabelledHash,
        UnlabelledImages = Task.Unlabelled?.Images.Count,
        Student = Recipe.Student,
        Method = Recipe.Method,
        Seed = Recipe.Seeds.Run,
        Top1 = Percent.Of(scores.Last.Top1),
        Top1Selected = Percent.Of(scores.RightSelected.Average(right => right ? 1.0 : 0)),
        Top5 = Percent.Of(scores.Last.Top5),
        Ncm = Percent.Of(scores.Last.Ncm!.Value),
        Validation = scores.Validation is { } accuracy ? Percent.Of(accuracy) : null,
        Epochs = Task.TotalEpochs,
        TrainImages = Task.Train.Count,
        HeldOutImages = Task.HeldOut.Count,
        TestImages = images.Test.Count,
        Right = RightImages.Encode(scores.Last.Right),
        RightSelected = RightImages.Encode(scores.RightSelected),
        TestHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{origins.DataHash}\n{string.Join(' ', images.Test.SampleIds)}\n{string.Join(' ', images.Test.Labels)}\n"))),
        Seconds = Math.Round(scores.Seconds, 1),
        Precision = RecipeNames.Kebab(machine.Choice.ToString()),
        Machine = machine.Summary(),
        // By content, not by path, so that the same recipe has the same hash on every machine.
        RecipeHash = RecipeWriter.Hash(Recipe with
        {
            Data = origins.Data,
            Teacher = origins.TeacherHash,
            Start = origins.StartHash,
            Unlabelled = origins.UnlabelledHash ?? Recipe.Unlabelled,
            TeacherCache = Recipe.TeacherCache == "off" ? "off" : "auto",
        }),
        SettingsHash = Identity.Hash(Recipe),
        ResultsVersion = ResultsVersion.Current,
        DataHash = origins.DataHash,
        Version = Version,
    };
}
