using System.CommandLine;
using System.Text.Json;
using Refilled.Cli.Progress;
using Refilled.Experiments.FewShot;
using Refilled.Recipes;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled fewshot</c>: measures a few-shot learner over many tasks, or solves one of the user's own images.</summary>
internal static class FewShotCommand
{
    /// <summary>Classes whose accuracies are printed one by one.</summary>
    private const int FewClasses = 20;

    public static Command Create(Terminal terminal)
    {
        var command = new Command("fewshot", "Measure a few-shot learner over many tasks of new classes, "
            + "or let it learn a few images of your own.");
        var support = Options.Text("--support", "data", "Labelled images of your own, such as a folder with one for each class: one task.");
        var query = Options.Text("--query", "n|data",
            "Images of each class in a task that are classified (15); beside --support the images to classify.");
        var options = new RecipeOptions(command,
        [
            new("--learner", string.Join(", ", FewShotLearners.Names) + "."),
            new("--backbone", "The network that the learner embeds with, or starts from: a run folder or a network file."),
            RecipeOptions.Of("--teacher"),
            RecipeOptions.Of("--data"),
            RecipeOptions.Of("--image-size"),
            RecipeOptions.Of("--depth"),
            RecipeOptions.Of("--classes"),
            new("--way", "Classes of a task (5).", "episode.way"),
            new("--shot", "Labelled images of each class in a task (5).", "episode.shot"),
            new("--tasks", "Number of tasks (2000)."),
            new("--seed", "Decides which images are in a task (0)."),
            RecipeOptions.Of("--device"),
            RecipeOptions.Of("--precision"),
            RecipeOptions.Of("--threads"),
        ]);
        var output = Options.Text("--out", "file.json", "Write the result to this file, as JSON.");
        var save = Options.Text("--save", "file.safetensors", "With --support: write the network that solves the task to this file.");
        var json = Options.Json();
        foreach (var option in new Option[] { support, query, output, save, json }) command.Options.Add(option);
        command.SetAction((parsed, cancel) =>
        {
            var own = parsed.GetValue(support) is { } folder
                ? [new RecipeEdit("support", folder, support.Name)] : Array.Empty<RecipeEdit>();
            var asked = parsed.GetValue(query) is { } value
                ? [new RecipeEdit(own.Length > 0 ? "query" : "episode.query", value, query.Name)] : Array.Empty<RecipeEdit>();
            var recipe = options.Read<FewShotRecipe>(options.File(parsed), [.. own, .. asked, .. options.Edits(parsed)]);
            if (parsed.GetValue(output) is { } file && Directory.Exists(file))
                throw new InputException($"--out '{file}' is a folder; name a file for the result.");
            var target = parsed.GetValue(save);
            if (recipe.Support is null && target is not null)
                throw new InputException("--save writes the network of one task, which needs --support: "
                    + "a folder of labelled images of your own.");
            object result = recipe.Support is null
                ? Measure(terminal, recipe, parsed.GetValue(json), cancel) : Solve(terminal, recipe, target, parsed.GetValue(json), cancel);
            if (parsed.GetValue(output) is { } path) RunFolder.WriteText(path, JsonSerializer.Serialize(result, RunFolder.Json) + "\n");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static FewShotRunResult Measure(Terminal terminal, FewShotRecipe recipe, bool json, CancellationToken cancel)
    {
        using var experiment = FewShotExperiment.Prepare(recipe, null, TeacherFormats.All, cancel);
        var (effective, shape) = (experiment.Recipe, experiment.Recipe.Episode);
        foreach (var note in experiment.Notes) terminal.Error.WriteLine(note);
        terminal.Error.WriteLine($"{effective.Learner}: {effective.Tasks} tasks of {shape.Way} classes with {shape.Shot} shots and "
            + $"{shape.Query} queries each, from {experiment.Images.Classes} classes and {experiment.Images.Count} images; "
            + $"{effective.Device}, {effective.Precision.ToString().ToLowerInvariant()}, {effective.Threads} at a time");
        var result = ProgressView.For(terminal).Run(Progresses.FewShot, progress => experiment.Run(progress, cancel));
        if (json) terminal.WriteJson(result);
        else
        {
            foreach (var (name, value) in result.Chosen) terminal.Print($"{name} {value} was chosen on validation tasks");
            var (accuracy, kind) = (Accuracy(result.Mean, result.HalfWidth), $"{result.Tasks} tasks, {result.Way}-way {result.Shot}-shot");
            terminal.Print(
                $"{result.Learner}: {accuracy} (mean and 95 % interval over {kind}); {result.TasksPerSecond:0.0} tasks a second");
            var steps = result.AtSteps.Select(at => $"{at.Steps} steps: {Accuracy(at.Mean, at.HalfWidth)}");
            if (result.AtSteps.Count > 1) terminal.Print($"after {string.Join(", ", steps)}");
        }
        return result;
    }

    private static OwnImagesResult Solve(Terminal terminal, FewShotRecipe recipe, string? target, bool json, CancellationToken cancel)
    {
        using var experiment = OwnImagesExperiment.Prepare(recipe, target, TeacherFormats.All, cancel);
        foreach (var note in experiment.Notes) terminal.Error.WriteLine(note);
        terminal.Error.WriteLine($"{recipe.Learner}: learning from '{recipe.Support}'; {experiment.Recipe.Device}, "
            + $"{experiment.Recipe.Precision.ToString().ToLowerInvariant()}, {experiment.Recipe.Threads} threads");
        var result = experiment.Run(cancel);
        if (json) terminal.WriteJson(result);
        else
        {
            var taught = $"{result.Support} labelled ones of {result.Classes.Count} classes";
            if (result.Accuracy is { } accuracy)
                terminal.Print($"{result.Learner}: {accuracy:0.0} % of {result.Query} images right, by {taught} ({result.Seconds:0.0} s)");
            if (result.Accuracy is not null && result.Classes.Count <= FewClasses)
                foreach (var one in result.Classes) terminal.Print($"  {one.Name}: {one.Right} of {one.Query}");
            if (result.Student is { } student) terminal.Print($"student: {student}");
        }
        return result;
    }

    private static string Accuracy(double mean, double halfWidth) =>
        Invariant($"{mean:0.00} ± {halfWidth:0.00} %");
}
