using System.Reflection;
using System.Security.Cryptography;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Experiments;

/// <summary>A recipe made ready to run: all that can be wrong has been checked, and nothing has been written.</summary>
/// <remarks>The checks stand in the order of their cost.</remarks>
public sealed class Experiment : IDisposable
{
    private readonly ImageSet test;
    private readonly string dataHash;
    private readonly string? teacherHash;
    private readonly string? teacherName;
    private readonly string? startHash;

    private Experiment(
        Recipe recipe, TrainingTask task, ImageSet test, Dataset data, IReadOnlyList<string> notes, string? teacherName,
        string? teacherHash, string? startHash)
    {
        (Recipe, Task, this.test) = (recipe, task, test);
        (dataHash, DataName) = (data.Hash, data.Name);
        (this.teacherName, this.teacherHash, this.startHash) = (teacherName, teacherHash, startHash);
        Notes = notes;
    }

    /// <summary>The effective recipe: "auto" is resolved.</summary>
    public Recipe Recipe { get; }

    /// <summary>What the trainer is given.</summary>
    public TrainingTask Task { get; }

    /// <summary>Name of the data.</summary>
    public string DataName { get; }

    /// <summary>Remarks about the data, the teacher's cache, and what was made of the recipe.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Replaces "auto", 0 and what isn't given by what they stand for on this machine, and loads the engine.</summary>
    public static Recipe Resolve(Recipe recipe)
    {
        var device = Devices.Resolve(recipe.Device);
        return recipe with
        {
            Device = device,
            Precision = Devices.Resolve(recipe.Precision, device) == Precision.Bf16 ? PrecisionChoice.Bf16 : PrecisionChoice.Fp32,
            Threads = recipe.Threads == 0 ? Environment.ProcessorCount : recipe.Threads,
            HoldOut = recipe.HeldOutPart,
        };
    }

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
        Prepare(recipe with { Threads = get_num_threads() }, null, formats, cancel);

    /// <summary>As <see cref="Prepare(Recipe, CancellationToken)"/>, for our own commands: the process takes the recipe's
    /// threads.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="loaded">Its data, where they are loaded already.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    internal static Experiment Prepare(
        Recipe recipe, Dataset? loaded, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel) =>
        Make(recipe, loaded, null, formats, cancel);

    /// <summary>Makes an experiment ready with a network like the one that its teacher will be.</summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="loaded">Its data.</param>
    /// <param name="standIn">Stands for the teacher, which isn't trained yet; freed with the experiment.</param>
    /// <param name="cancel">Stops it.</param>
    internal static Experiment Prepare(Recipe recipe, Dataset loaded, TrainedNetwork standIn, CancellationToken cancel)
    {
        var teacher = new Teacher(new NetworkPlace(recipe.Teacher!), standIn);
        try
        {
            return Make(recipe, loaded, teacher, [], cancel);
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }

    private static Experiment Make(
        Recipe recipe, Dataset? loaded, Teacher? standIn, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel)
    {
        recipe = Resolve(recipe);
        set_num_threads(recipe.Threads);
        var method = recipe.CreateMethod();
        // What is missing is told before the data are decoded, and what the data lack before a network is read.
        var teacherPlace = method.HasTeacher && standIn is null ? Teacher.Find(recipe.Teacher!, formats: formats) : null;
        var startPlace = recipe.Start is { } path ? Teacher.Find(path, StudentNetwork.StartRole) : null;
        var data = loaded ?? DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
        var images = RunImages.Select(recipe, data);
        MethodFit.CheckEpisodes(method, images);
        if (method.Classifier is { ChoosesOnHeldOut: true } && images.HeldOut.Count == 0)
            throw new InputException($"The method '{method.Name}' chooses on held-out images, and none are held out: "
                + "hold-out must be above 0.");

        var options = new TeacherOptions(device(recipe.Device), Devices.Resolve(recipe.Precision, recipe.Device), recipe.Layout);
        var opened = teacherPlace is null ? standIn : Teacher.Open(teacherPlace, options, formats);
        ITeacher? teacher = null;
        EmbeddingNetwork? student = null;
        try
        {
            if (opened is not null && method.TeacherNeeds != Needs.None) CheckNeeds(method, teacher = opened.Teach());
            if (opened is not null) ClassRelation.Check(recipe.Setting, opened.ClassNames, images.Train.ClassNames);
            var notes = data.Notes.ToList();
            if (options.Device.type == DeviceType.CPU && CpuFeatures.Current.HidesCaches) notes.Add(CpuFeatures.HiddenCachesNote);
            if (teacher is not null) teacher = Cached(teacher, recipe, images.Train, data.Hash, options.Device, notes);
            if (method.ComparesLogits) teacher = MethodFit.MatchClasses(method, teacher!, images.Train.ClassNames);

            using var start = startPlace is null ? null : StudentNetwork.OpenStart(startPlace, recipe);
            var own = method.Start == StudentStart.Teacher ? opened!.Trained.Network : start?.Trained.Network;
            student = StudentNetwork.Create(recipe, own, images.Train, data.Statistics);
            if (method.Start == StudentStart.Teacher && student.Architecture != recipe.Student)
            {
                notes.Add($"The method '{method.Name}' uses the teacher's own network: "
                    + $"{student.Architecture} in place of {recipe.Student}.");
                recipe = recipe with { Student = student.Architecture };
            }
            var task = TaskOf(recipe, method, student, teacher, images);
            MethodFit.CheckShapes(task);
            var experiment = new Experiment(recipe, task, images.Test, data, notes, opened?.Name, teacherPlace?.Hash, startPlace?.Hash);
            // What the method only started from is needed no longer.
            if (teacher is null) opened?.Dispose();
            return experiment;
        }
        catch
        {
            student?.Dispose();
            // What was put around the teacher frees it, too.
            if (teacher is null) opened?.Dispose();
            else teacher.Dispose();
            throw;
        }
    }

    private static TrainingTask TaskOf(Recipe recipe, Method method, EmbeddingNetwork student, ITeacher? teacher, RunImages images) =>
        new(student, teacher, method, images.Train, images.HeldOut)
        {
            Validation = images.Validation,
            Stage1 = recipe.Stage1,
            Stage2 = recipe.Stage2,
            BatchSize = recipe.Batch,
            Accumulate = recipe.Accumulate,
            Views = recipe.Views,
            Prefetch = recipe.Prefetch,
            ViewSeed = recipe.Seeds.View,
            Seed = recipe.Seeds.Run,
            CheckpointSteps = recipe.CheckpointSteps,
        };

    /// <summary>Puts the cache around a teacher that the recipe asks for, and takes up its remarks.</summary>
    private static ITeacher Cached(ITeacher teacher, Recipe recipe, ImageSet train, string dataHash, Device where, List<string> notes)
    {
        var around = TeacherCache.Around(teacher, recipe.TeacherCache, train,
            new CacheOptions { DataHash = dataHash, ViewSeed = recipe.Seeds.View, Views = recipe.Views, Device = where });
        if (around is CachedTeacher cached) notes.AddRange(cached.Notes);
        return around;
    }

    /// <summary>Checks that a teacher gives what a method reads.</summary>
    /// <exception cref="InputException">It doesn't; the message says which methods it can serve.</exception>
    public static void CheckNeeds(Method method, ITeacher teacher)
    {
        var lacking = method.TeacherNeeds & ~teacher.Provides;
        if (lacking == Needs.None) return;
        throw new InputException($"The method '{method.Name}' reads the teacher's {lacking}, which this teacher doesn't give. "
            + $"It can serve: {Methods.NamesWhere(other => (other.TeacherNeeds & ~teacher.Provides) == Needs.None)}.");
    }

    /// <summary>Trains, or goes on training, then reads the test images once and writes the networks and the result.</summary>
    public RunResult Run(RunFolder folder, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        if (!File.Exists(folder.RecipeFile))
            folder.Begin(RecipeWriter.Write(Recipe),
                new { version = Version, started = DateTimeOffset.UtcNow, dataHash, teacherHash, startHash, host = HostFacts.Collect() });
        else folder.MustGoOnWith(
            ("dataHash", "the data", dataHash), ("teacherHash", "the teacher", teacherHash),
            ("startHash", "the network that it starts from", startHash));
        var (last, rightSelected, validation, seconds) = Task.Method.Classifier is null
            ? Train(folder, progress, cancel) : Reuse(folder, cancel);

        var result = new RunResult
        {
            Setting = Kebab(Recipe.Setting),
            Data = DataName,
            Split = ClassSpec.Parse(Recipe.Classes).Label,
            Teacher = teacherName,
            TeacherHash = teacherHash,
            StartHash = startHash,
            Student = Recipe.Student,
            Method = Recipe.Method,
            Seed = Recipe.Seeds.Run,
            Top1 = Percent.Of(last.Top1),
            Top1Selected = Percent.Of(rightSelected.Average(right => right ? 1.0 : 0)),
            Top5 = Percent.Of(last.Top5),
            Ncm = Percent.Of(last.Ncm),
            Validation = validation is { } accuracy ? Percent.Of(accuracy) : null,
            Epochs = Task.TotalEpochs,
            TrainImages = Task.Train.Count,
            HeldOutImages = Task.HeldOut.Count,
            TestImages = test.Count,
            Right = RightImages.Encode(last.Right),
            RightSelected = RightImages.Encode(rightSelected),
            TestHash = TestHash(),
            Seconds = Math.Round(seconds, 1),
            Precision = Kebab(Recipe.Precision),
            Machine = HostFacts.Collect().Summary(Recipe.Device, Recipe.Threads),
            // By content, not by path, so that the same recipe has the same hash on every machine.
            RecipeHash = RecipeWriter.Hash(Recipe with
            {
                Data = DataName,
                Teacher = teacherHash,
                Start = startHash,
                TeacherCache = Recipe.TeacherCache == "off" ? "off" : "auto",
            }),
            SettingsHash = RecipeIdentity.Hash(Recipe),
            ResultsVersion = ResultsVersion.Current,
            DataHash = dataHash,
            Version = Version,
        };
        RunFolder.WriteText(folder.ResultFile, System.Text.Json.JsonSerializer.Serialize(result, RunFolder.Json) + "\n");
        return result;
    }

    private (EvaluationResult Last, IReadOnlyList<bool> RightSelected, double? Validation, double Seconds) Train(
        RunFolder folder, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        var outcome = new Trainer(Task, folder, progress).Run(cancel);
        using var adapter = outcome.Adapter;
        CompleteClassifier();
        var last = Evaluator.Evaluate(Task.Student, Task.Train, test);
        NetworkFile.Save(folder.LastNetworkFile, new TrainedNetwork(Task.Student, Task.Train.ClassNames));
        outcome.GiveTo(Task.Student);
        CompleteClassifier();
        if (adapter is not null) AdapterFile.Save(folder.AdapterFile, adapter);
        var selected = Evaluator.Right(Task.Student, test);
        NetworkFile.Save(folder.NetworkFile, new TrainedNetwork(Task.Student, Task.Train.ClassNames));
        return (last, selected, Task.Method.Stages[^1].Selection == SelectionMeasure.Episodes ? outcome.Score : null, outcome.Seconds);
    }

    /// <summary>Gives the student the class means where no stage trained its classifier.</summary>
    private void CompleteClassifier()
    {
        if (!Task.Method.Stages[^1].StudentNeeds.HasFlag(Needs.Logits)) MeanClassifier.Give(Task.Student, Task.Train);
    }

    private (EvaluationResult Last, IReadOnlyList<bool> RightSelected, double? Validation, double Seconds) Reuse(
        RunFolder folder, CancellationToken cancel)
    {
        var (measured, seconds) = TeacherReuse.Run(Task, test, folder, cancel);
        return (measured, measured.Right, null, seconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Task.Teacher?.Dispose();
        Task.Student.Dispose();
    }

    internal static string Version { get; } =
        typeof(Experiment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private string TestHash() => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(
        $"{dataHash}\n{string.Join(' ', test.SampleIds)}\n{string.Join(' ', test.Labels)}\n")));

    private static string Kebab<T>(T value) where T : struct, Enum => RecipeNames.Kebab(value.ToString());
}
