using System.Diagnostics;
using Refilled.Evaluation;
using Refilled.FewShot;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Weights;

namespace Refilled.Experiments.FewShot;

/// <summary>A few-shot recipe over the user's own images made ready to run: all is checked, and nothing has been written.</summary>
/// <remarks>The backbone may know the classes already.</remarks>
internal sealed class OwnImagesExperiment : IDisposable
{
    private readonly Machine machine;
    private readonly LearnerKind kind;
    private readonly FewShotNetworks networks;
    private readonly OwnImages images;
    private readonly string? target;

    private OwnImagesExperiment(
        FewShotRecipe recipe, Machine machine, LearnerKind kind, FewShotNetworks networks, OwnImages images, string? target) =>
        (Recipe, this.machine, this.kind, this.networks, this.images, this.target) = (recipe, machine, kind, networks, images, target);

    /// <summary>The effective recipe: "auto" is resolved.</summary>
    public FewShotRecipe Recipe { get; }

    /// <summary>Remarks about the images and the networks.</summary>
    public IReadOnlyList<string> Notes => [.. images.Notes, .. networks.Notes];

    /// <summary>Loads the networks and the images, and checks them against each other.</summary>
    /// <param name="recipe">A validated recipe that names a support.</param>
    /// <param name="target">The network file that the student is to be written to; null writes none.</param>
    /// <param name="formats">Formats of teachers of the caller's, asked before the built-in ones.</param>
    /// <param name="cancel">Stops the loading.</param>
    /// <exception cref="InputException">Something can't be used, or the learner makes no network to be written.</exception>
    public static OwnImagesExperiment Prepare(
        FewShotRecipe recipe, string? target, IReadOnlyList<ITeacherFormat> formats, CancellationToken cancel = default)
    {
        if (recipe.Support is null)
            throw new InputException("The recipe names no support: a folder with a folder of images for each class.");
        var kind = FewShotLearners.Find(recipe.Learner);
        if (target is not null && !kind.MakesStudents)
            throw new InputException($"The learner '{kind.Name}' makes no network that could be saved; these do: "
                + $"{FewShotLearners.NamesWhere(other => other.MakesStudents)}.");
        if (target is null && recipe.Query is null)
            throw new InputException("There is nothing to do: name a folder of images to classify with --query, "
                + "or a file for the student with --save.");
        if (target is not null) CheckTarget(target);
        var machine = recipe.Resolve();
        recipe = recipe.On(machine);
        machine.Take();
        var networks = FewShotNetworks.Load(recipe, machine, formats);
        try
        {
            var images = OwnImages.Load(recipe, networks.Backbone.Trained.Network.Input, cancel);
            networks.CheckWay(recipe, images.ClassNames.Count);
            return new OwnImagesExperiment(recipe, machine, kind, networks, images, target);
        }
        catch
        {
            networks.Dispose();
            throw;
        }
    }

    /// <summary>Solves the task, and writes the student where that was asked for: its classifier has the folders'
    /// classes.</summary>
    /// <remarks>A learner whose solution is a network answers by it, so that the file says the same.</remarks>
    /// <param name="cancel">Stops it between two steps.</param>
    /// <exception cref="NotFiniteNumberException">The student has diverged; it isn't written.</exception>
    public OwnImagesResult Run(CancellationToken cancel = default)
    {
        machine.Take();
        var clock = Stopwatch.StartNew();
        var task = images.Task with { Cancel = cancel };
        var learner = kind.Make(networks.Parts(Recipe));
        using var owned = learner as IDisposable;
        int[] answers;
        if (learner is IStudentMaker maker)
        {
            learner.Prepare(task.Support.Source, cancel);
            using var student = maker.MakeStudent(task);
            CheckFinite(student);
            answers = task.Query.Count == 0 ? [] : Classify(student, task.Query, cancel);
            if (target is not null) NetworkFile.Save(target, new TrainedNetwork(student, images.ClassNames));
        }
        else
        {
            foreach (var source in images.Sources) learner.Prepare(source, cancel);
            answers = learner.Solve(task);
        }
        var right = task.Query.Right(answers);
        return new OwnImagesResult
        {
            Learner = kind.Name,
            Backbone = networks.Backbone.Name,
            Teacher = networks.Teacher?.Name,
            Support = task.Support.Count,
            Query = task.Query.Count,
            Accuracy = task.Query.Count == 0 ? null : Percent.Of(right.Average(one => one ? 1.0 : 0)),
            Classes = [.. images.ClassNames.Select((name, c) => new ClassAccuracy(
                name, task.Support.Labels.Count(label => label == c), task.Query.Labels.Count(label => label == c),
                right.Where((one, i) => one && task.Query.Labels[i] == c).Count()))],
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 1),
            Student = target,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        images.Dispose();
        networks.Dispose();
    }

    private void CheckFinite(EmbeddingNetwork student)
    {
        if (Finite.FirstBad(ModuleState.Of(student)) is { } bad)
            throw new NotFiniteNumberException($"The student that '{kind.Name}' trained holds numbers that are NaN or infinite (in '{bad}')"
                + $"{(target is null ? "" : $" and isn't written to '{target}'")}. A lower learning rate usually cures this.");
    }

    private static int[] Classify(EmbeddingNetwork student, FewShotImages query, CancellationToken cancel)
    {
        using var read = NetworkReader.Read(student, query.Source.Set.At(query.Positions), cancel);
        using var classes = read.Logits.argmax(1);
        return classes.Integers();
    }

    private static void CheckTarget(string target)
    {
        if (Directory.Exists(target))
            throw new InputException($"'{target}' is a folder; name a file for the student, such as "
                + $"'{Path.Combine(target, "student.safetensors")}'.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
        if (!Directory.Exists(folder))
            throw new InputException($"The student can't be written to '{target}': there is no folder '{folder}'.");
    }
}
