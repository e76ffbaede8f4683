using System.CommandLine;
using Refilled.Cli.Progress;
using Refilled.Figures;
using Refilled.Charts;
using Refilled.Figures.FirstStage;
using Refilled.Figures.SecondStage;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled figure</c>: a figure with the data behind it, from one recipe.</summary>
internal sealed class FigureCommand
{
    private readonly Terminal terminal;
    private readonly string verb;
    private readonly Func<string, RecipeEdit[], FigurePlan> read;

    private readonly Option<FileInfo?> file =
        new("--recipe") { Description = "The figure's recipe, such as those in recipes/figures (letters, which come with the command)." };
    private readonly Option<string?> data = Options.Text("--data", "data", "The data of teacher and students.");
    private readonly Option<string?> output =
        Options.Text("--out", "folder", "Folder for runs and pictures (runs/figure-<recipe>); what is done in it is kept.");
    private readonly Option<string?> kept = Options.Text("--results", "folder", "Folder for the results (results within --out).");
    private readonly Option<string?> render = Options.Text("--render", "folder",
        "Train nothing: draw the pictures from --results into this folder.");
    private readonly Option<string?> device = Options.Text("--device", "device", "cpu, cuda, cuda:n or auto.");
    private readonly Option<string[]> set =
        Options.Set("Edit the figure's recipe: path=value, such as base.stage2.epochs=5 or seeds=[0]. May be repeated.");
    private readonly Option<bool> json = Options.Json("the numbers");

    private FigureCommand(Terminal terminal, string verb, Func<string, RecipeEdit[], FigurePlan> read) =>
        (this.terminal, this.verb, this.read) = (terminal, verb, read);

    public static Command Create(Terminal terminal) => new("figure", "Draw one of the poster's figures anew, with its numbers beside it.")
    {
        new FigureCommand(terminal, "first-stage", (path, edits) => FirstStagePlan.Expand(RecipeReader.Read<FirstStageRecipe>(path, edits)))
            .Create("What the first stage makes of the embedding: groups and class means by epochs, maps, and a triplet."),
        new FigureCommand(terminal, "second-stage",
            (path, edits) => SecondStagePlan.Expand(RecipeReader.Read<SecondStageRecipe>(path, edits)))
            .Create("How far the second stage's gradient is from that of cross-entropy, by the number of classes."),
    };

    private Command Create(string description)
    {
        var command = new Command(verb, description) { file, data, output, kept, render, device, set, json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetValue(file)?.ToString() ?? Path.Combine(AppContext.BaseDirectory, "recipes", $"letters-{verb}.yaml");
        var plan = read(path, Edits(parsed));
        var folder = parsed.GetValue(output) ?? Path.Combine("runs", "figure-" + Path.GetFileNameWithoutExtension(path));
        var results = new TableResults(parsed.GetValue(kept) ?? Path.Combine(folder, "results"));

        var failed = 0;
        if (parsed.GetValue(render) is null) failed = await RunAsync(plan, results, folder, cancel).ConfigureAwait(false);
        var report = plan.Report(results.Read(plan));
        Draw(parsed.GetValue(render) ?? folder, report);
        return TableRuns.Tell(report, failed, parsed.GetValue(json), terminal);
    }

    private RecipeEdit[] Edits(ParseResult parsed)
    {
        IEnumerable<RecipeEdit> Edit(Option<string?> option, params string[] paths) =>
            parsed.GetValue(option) is { } value ? paths.Select(path => new RecipeEdit(path, value, option.Name)) : [];
        return [.. Edit(data, "data"), .. Edit(device, "base.device", "teacher.device"),
            .. (parsed.GetValue(set) ?? []).Select(RecipeEdit.Parse)];
    }

    /// <returns>How many trainings failed.</returns>
    private async Task<int> RunAsync(FigurePlan plan, TableResults results, string folder, CancellationToken cancel)
    {
        var loaded = new LoadedData();
        var options = new TableRunOptions(folder) { Formats = TeacherFormats.All };
        var jobs = new FigureJobs(loaded, options.Formats, train => ProgressView.For(terminal).Run(Progresses.Training(), train));
        var runner = new TableRunner(plan, results, options, jobs, new Relay<TableProgress>(value => TableCommand.Log(terminal, value)));
        var waiting = runner.Plan();
        if (waiting.Count > 0)
        {
            terminal.Error.WriteLine($"{plan.Title}: {waiting.Count} of {plan.Jobs.Count} to do; run folders in {folder}, results in "
                + results.Folder);
            TablePreflight.Check(plan, waiting, results, loaded, options.Formats, cancel);
            plan.Check(loaded, options.Formats, cancel);
        }
        return await TableRuns.DoAsync(runner, terminal, cancel).ConfigureAwait(false);
    }

    /// <summary>Writes the pictures as SVG and PNG, and their numbers as CSV.</summary>
    private void Draw(string folder, FigureReport report)
    {
        Directory.CreateDirectory(folder);
        foreach (var picture in report.Pictures())
        {
            var path = Path.Combine(folder, picture.Name);
            RunFolder.WriteText($"{path}.svg", SvgSheet.Text(picture.Sheet));
            PngSheet.Save($"{path}.png", picture.Sheet);
            RunFolder.WriteText($"{path}.csv", TableText.Csv(picture.Records));
            terminal.Error.WriteLine($"written: {path}.svg, .png, .csv");
        }
    }
}
