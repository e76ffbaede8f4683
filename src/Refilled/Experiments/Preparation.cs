using Refilled.Data;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Experiments;

/// <summary>Makes an experiment of a recipe. The checks stand in the order of their cost.</summary>
internal static class Preparation
{
    /// <summary>Loads the data and the teacher, checks them against each other, and makes the student.</summary>
    /// <param name="recipe">A validated recipe; the process takes its threads.</param>
    /// <param name="loaded">Its data, where they are loaded already.</param>
    /// <param name="unlabelled">Its unlabelled images, where they are.</param>
    /// <param name="standIn">Stands for the teacher, which isn't trained yet; freed with the experiment. Null where it is there.</param>
    /// <param name="formats">Formats of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used.</exception>
    public static Experiment Run(
        Recipe recipe, Dataset? loaded, Dataset? unlabelled, TrainedNetwork? standIn, IReadOnlyList<ITeacherFormat> formats,
        CancellationToken cancel)
    {
        var opened = standIn is null ? null : new Teacher(new NetworkPlace(recipe.Teacher!), standIn);
        ITeacher? teacher = null;
        EmbeddingNetwork? student = null;
        try
        {
            var machine = Machine.Resolve(recipe);
            recipe = recipe.On(machine);
            machine.Take();
            var method = recipe.CreateMethod();
            // What is missing is told before the data are decoded, and what the data lack before a network is read.
            var teacherPlace = method.HasTeacher && opened is null ? Teacher.Find(recipe.Teacher!, formats: formats) : null;
            var startPlace = recipe.Start is { } path ? Teacher.Find(path, StudentNetwork.StartRole, formats) : null;
            var data = loaded ?? DataCatalog.Load(recipe.Data, recipe.DataOptions, cancel);
            var images = RunImages.Select(recipe, data);
            MethodFit.CheckImages(method, images);

            if (teacherPlace is not null)
                opened = Teacher.Open(teacherPlace, machine.Networks with { Layout = recipe.Layout }, formats);
            if (opened is not null) MethodFit.CheckNeeds(method, opened);
            if (opened is not null && method.TeacherNeeds != Needs.None) teacher = opened.Teach();
            if (opened is not null) ClassRelation.Check(recipe.Setting, opened.ClassNames, images.Train.ClassNames);
            List<string> notes = [.. data.Notes, .. opened?.Notes ?? []];
            if (machine.Name == "cpu" && CpuFeatures.Current.HidesCaches) notes.Add(CpuFeatures.HiddenCachesNote);
            if (opened?.Input?.Resizes($"The teacher '{opened.Place.Path}'", images.Train.Store.ViewShape) is { } resizes)
                notes.Add($"{resizes} Another --image-size changes what both see.");
            if (teacher is not null && standIn is null)
                TeacherAnswers.Check(teacher, method, opened!.Place.Path, images.Train,
                    recipe.TeacherCache == "off" ? CachePrecision.Fp32 : recipe.KeptPrecision);
            var others = recipe.Unlabelled is null ? null : Unlabelled(method, recipe, images, unlabelled, notes, cancel);
            var asked = teacher;
            ITeacher? Answering(ImageSet set, string hash, bool leaves)
            {
                if (asked is null) return null;
                var cached = Cached(asked, recipe, set, hash, machine, leaves, notes, cancel);
                return method.ComparesLogits ? MethodFit.MatchClasses(method, cached, images.Train.ClassNames) : cached;
            }
            teacher = Answering(images.Train, data.Hash, leaves: false);
            var beside = others is null ? null
                : new UnlabelledTask(others.Images, Answering(others.Images, others.Hash ?? data.Hash, leaves: true));

            using var start = startPlace is null ? null : StudentNetwork.OpenStart(startPlace, recipe, machine, formats);
            notes.AddRange(start?.Notes ?? []);
            var own = method.Start == StudentStart.Teacher ? opened!.Trained.Network : start?.Trained.Network;
            student = StudentNetwork.Create(recipe, machine, own, images.Train, data.Statistics);
            if (method.Start == StudentStart.Teacher && student.Architecture != recipe.Student)
            {
                notes.Add($"The method '{method.Name}' uses the teacher's own network: "
                    + $"{student.Architecture} in place of {recipe.Student}.");
                recipe = recipe with { Student = student.Architecture };
            }
            var task = TaskOf(recipe, method, student, teacher, images) with
                { Unlabelled = beside, FillsAhead = AsksAhead(recipe, machine, teacher) };
            MethodFit.CheckShapes(task);
            var origins = new Origins(data.Name, data.Hash, opened?.Name, teacherPlace?.Hash, startPlace?.Hash)
                { UnlabelledHash = others?.Hash }.Counting(data);
            // What the method only started from is needed no longer.
            if (teacher is null) opened?.Dispose();
            return new Experiment(recipe, machine, task, images, origins, notes);
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

    /// <summary>The unlabelled images, where a stage of the method can see them.</summary>
    private static UnlabelledData? Unlabelled(
        Method method, Recipe recipe, RunImages images, Dataset? loaded, List<string> notes, CancellationToken cancel)
    {
        if (method.Stages.All(stage => stage.ReadsLabels))
        {
            notes.Add($"The method '{method.Name}' reads labels in every stage, so that unlabelled images are of no use to it. "
                + $"These have a stage without: {Methods.NamesWhere(other => other.Stages.Any(stage => !stage.ReadsLabels))}.");
            return null;
        }
        var read = UnlabelledData.Load(recipe, images, loaded, cancel);
        notes.AddRange(read.Notes);
        return read;
    }

    /// <summary>Whether the teacher is asked about the next view while the student trains.</summary>
    /// <remarks>On the processor both would want the same cores (docs/performance.md, "Teachers from outside").</remarks>
    internal static bool AsksAhead(Recipe recipe, Machine machine, ITeacher? teacher) =>
        recipe.Prefetch > 0 && machine.Name != "cpu" && teacher is { AnswersBeside: true };

    private static TrainingTask TaskOf(Recipe recipe, Method method, EmbeddingNetwork student, ITeacher? teacher, RunImages images) =>
        new(student, teacher, method, images.Train, images.HeldOut)
        {
            Validation = images.Validation,
            Stage1 = recipe.Stage1, Stage2 = recipe.Stage2,
            BatchSize = recipe.Batch, Accumulate = recipe.Accumulate, Views = recipe.Views,
            ViewSeed = recipe.Seeds.View, Seed = recipe.Seeds.Run,
            Prefetch = recipe.Prefetch, CheckpointSteps = recipe.CheckpointSteps,
        };

    /// <summary>Puts the cache around a teacher that the recipe asks for, and takes up its remarks.</summary>
    private static ITeacher Cached(ITeacher teacher, Recipe recipe, ImageSet set, string dataHash, Machine machine, bool leaves,
        List<string> notes, CancellationToken cancel)
    {
        var views = recipe.Views == 0 ? 0 : Math.Max(recipe.Stage1.Views ?? recipe.Views, recipe.Stage2.Views ?? recipe.Views);
        var around = TeacherCache.Around(teacher, recipe.TeacherCache, set, new CacheOptions
        {
            DataHash = dataHash, ViewSeed = recipe.Seeds.View, Views = views, Device = machine.Device, LeavesTeacher = leaves,
            Precision = recipe.KeptPrecision,
        }, cancel);
        if (around is CachedTeacher cached) notes.AddRange(cached.Notes);
        return around;
    }
}
