using System.CommandLine;
using System.Text.Json;
using Refilled.Cli.Progress;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Files;
using Refilled.Recipes;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Cli.Commands;

/// <summary>One training run from a recipe: what <c>pretrain</c> and <c>distill</c> have in common.</summary>
internal sealed class RunCommand
{
    private readonly Terminal terminal;
    private readonly Command command;
    private readonly RecipeOptions recipeOptions;
    private readonly Func<string?, IReadOnlyList<RecipeEdit>, IReadOnlyList<RecipeEdit>> fixedEdits;
    private readonly Option<string?> output = Options.Text("--out", "folder", "The run's folder (runs/<date>-<method>-<seed>).");
    private readonly Option<bool> resume = Options.Flag("--resume", "Go on with the run in --out.");
    private readonly Option<bool> json = Options.Json();

    /// <param name="terminal">Where to write.</param>
    /// <param name="command">The command.</param>
    /// <param name="options">Names of the recipe options it has.</param>
    /// <param name="fixedEdits">What the verb itself decides, given the recipe's file and the edits so far. Default: nothing.</param>
    public RunCommand(Terminal terminal, Command command, string[] options,
        Func<string?, IReadOnlyList<RecipeEdit>, IReadOnlyList<RecipeEdit>>? fixedEdits = null)
    {
        (this.terminal, this.command, this.fixedEdits) = (terminal, command, fixedEdits ?? ((_, _) => []));
        recipeOptions = new RecipeOptions(command, options);
        command.Options.Add(output);
        command.Options.Add(resume);
        command.Options.Add(json);
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed, cancel)));
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetValue(output);
        var result = parsed.GetValue(resume)
            ? Resume(path ?? throw new InputException("--resume needs --out: the folder of the run to go on with."), parsed, cancel)
            : Start(path, parsed, cancel);
        Print(result.Result, result.Path, parsed.GetValue(json));
        return ExitCode.Done;
    }

    private (RunResult Result, string Path) Start(string? path, ParseResult parsed, CancellationToken cancel)
    {
        var recipe = Read(recipeOptions.File(parsed), parsed);
        path ??= Path.Combine("runs", Invariant($"{DateTime.Now:yyyyMMdd-HHmmss}-{recipe.Method}-{recipe.Seeds.Run}"));
        RunFolder.MustBeFree(path);
        using var experiment = Experiment.Prepare(recipe, null, TeacherFormats.All, cancel);
        using var folder = RunFolder.Create(path);
        return (Train(experiment, folder, cancel), path);
    }

    private (RunResult Result, string Path) Resume(string path, ParseResult parsed, CancellationToken cancel)
    {
        using var folder = RunFolder.Open(path);
        var recorded = RecipeReader.Read<Recipe>(folder.RecipeFile, []);
        var asked = Read(recipeOptions.File(parsed) ?? folder.RecipeFile, parsed);
        // Where the student is the teacher's own network, the record has its name, whatever was asked for.
        if (asked.CreateMethod().Start == StudentStart.Teacher) asked = asked with { Student = recorded.Student };
        // What it is made of may have moved; that it is the same is checked when it runs.
        recorded = recorded with
        {
            Data = asked.Data, Teacher = asked.Teacher, Start = asked.Start, Unlabelled = asked.Unlabelled,
            TeacherCache = asked.TeacherCache,
        };
        var differences = RecipeWriter.Differences(recorded, Experiment.Resolve(asked));
        if (differences.Count > 0)
            throw new InputException($"The run in '{path}' was begun with another recipe; resume it without the options that differ, "
                + "or start anew with another --out:\n  " + string.Join("\n  ", differences.Select(one => Asked(one, parsed))));
        if (File.Exists(folder.ResultFile))
        {
            var result = Recorded(folder.ResultFile);
            terminal.Error.WriteLine("The run is complete; this is its result.");
            return (result, path);
        }
        using var experiment = Experiment.Prepare(recorded, null, TeacherFormats.All, cancel);
        return (Train(experiment, folder, cancel), path);
    }

    private static RunResult Recorded(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<RunResult>(File.ReadAllText(file), RunFolder.Json) ?? throw new JsonException("it is empty.");
        }
        catch (JsonException e)
        {
            throw new InputException($"'{file}' is damaged: {e.Message} Delete it: then --resume measures the trained network again.", e);
        }
    }

    /// <summary>A difference between recipes, and the option that made it.</summary>
    private string Asked(string difference, ParseResult parsed) => recipeOptions.Edits(parsed)
        .LastOrDefault(edit => difference.StartsWith(edit.Path + " ", StringComparison.Ordinal)
            || difference.StartsWith(edit.Path + ".", StringComparison.Ordinal))
        is { } asked ? $"{asked.Origin}: {difference}" : difference;

    private Recipe Read(string? file, ParseResult parsed)
    {
        var edits = recipeOptions.Edits(parsed);
        return recipeOptions.Read<Recipe>(file, [.. edits, .. fixedEdits(file, edits)]);
    }

    private RunResult Train(Experiment experiment, RunFolder folder, CancellationToken cancel)
    {
        var (recipe, task) = (experiment.Recipe, experiment.Task);
        foreach (var note in experiment.Notes) terminal.Error.WriteLine(note);
        if (recipe.Teacher is not null && !task.Method.HasTeacher)
            terminal.Error.WriteLine($"The method '{recipe.Method}' reads no teacher; '{recipe.Teacher}' is not loaded.");
        terminal.Error.WriteLine($"{recipe.Method}: {recipe.Student} on {task.Train.Classes} classes, "
            + $"{task.Train.Count} training and {task.HeldOut.Count} held-out images; "
            + (task.Validation is { } validation ? $"{validation.Description}; " : "")
            + $"{task.TotalEpochs} epochs; {recipe.Device}, "
            + $"{recipe.Precision.ToString().ToLowerInvariant()}, {recipe.Threads} threads; run folder {folder.Path}");
        folder.Warn = terminal.Error.WriteLine;
        try
        {
            return ProgressView.For(terminal).Run(Progresses.Training(), progress => experiment.Run(folder, progress, cancel));
        }
        catch (OperationCanceledException)
        {
            var kept = File.Exists(folder.CheckpointFile) ? "the checkpoint is written" : "nothing was trained yet";
            terminal.Error.WriteLine($"Stopped; {kept}. Go on with: "
                + $"refilled {command.Name} --resume --out {folder.Path}");
            throw;
        }
    }

    private void Print(RunResult result, string path, bool asJson)
    {
        if (asJson)
        {
            terminal.WriteJson(new { result.Method, result.Student, result.Teacher, result.Seed, result.Top1, result.Top1Selected,
                result.Ncm, result.Validation, result.Epochs, result.TrainImages, result.Seconds, Run = path });
            return;
        }
        terminal.Print($"top-1 {result.Top1:0.00} % after the last epoch, {result.Top1Selected:0.00} % at the selected one; "
            + $"top-5 {result.Top5:0.00} %; nearest class mean {result.Ncm:0.00} % ({result.TestImages} test images)");
        if (result.Validation is { } validation) terminal.Print($"validation tasks: {validation:0.00} % at the selected epoch");
        // The nearest neighbour is no network.
        var network = Path.Combine(path, RunFolder.NetworkName);
        if (!File.Exists(network)) return;
        terminal.Print($"network: {network}");
        if (Calibration.Beside(network, FileHash.Of(network)) is { } calibration)
            foreach (var line in CalibrateCommand.Lines(calibration)) terminal.Print($"{line}");
    }
}
