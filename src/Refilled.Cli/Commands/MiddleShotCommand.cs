using System.CommandLine;
using Refilled.Cli.Progress;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.FewShot;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled table middle-shot</c>: a whole table of few-shot learners, from one recipe.</summary>
internal static class MiddleShotCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Option<FileInfo?>("--recipe") { Description = "The table's recipe, such as recipes/tables/cifar-fs-middle-shot.yaml." };
        var quick = new Option<bool>("--quick") { Description = "All rows on generated creatures, in minutes: shows that it works, not how well." };
        var data = new Option<string?>("--data") { Description = "The data of networks and tasks.", HelpName = "data" };
        var output = new Option<string?>("--out") { Description = "Folder for the run folders of networks (runs/table-<recipe>); what is done in it is kept.", HelpName = "folder" };
        var kept = new Option<string?>("--results") { Description = "Folder for the results (results within --out).", HelpName = "folder" };
        var render = new Option<string?>("--render") { Description = "Train nothing: print the table from --results and put it into this page, such as results/RESULTS.md.", HelpName = "page" };
        var where = new Option<string?>("--device") { Description = "cpu, cuda, cuda:n or auto.", HelpName = "device" };
        var precision = new Option<string?>("--precision") { Description = "fp32, bf16 or auto, where a row or network doesn't say otherwise.", HelpName = "format" };
        var set = new Option<string[]>("--set") { Description = "Edit the table's recipe: path=value, such as base.tasks=100 or training.threads=1. May be repeated.", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false, HelpName = "path=value" };
        var json = new Option<bool>("--json") { Description = "Print the table as one JSON object on the last line." };
        var command = new Command("middle-shot", "Few-shot learners over tasks of new classes with 1 to 30 images of each.") { file, quick, data, output, kept, render, where, precision, set, json };
        command.SetAction((parsed, cancel) =>
        {
            var path = parsed.GetValue(quick) ? Path.Combine(AppContext.BaseDirectory, "recipes", "quick-middle-shot.yaml") : parsed.GetValue(file)?.ToString();
            if (path is null || (parsed.GetValue(quick) && parsed.GetValue(file) is not null)) throw new InputException("Name the table's recipe with --recipe, such as those in recipes/tables, or see all rows on generated creatures with --quick.");
            RecipeEdit[] edits =
            [
                .. new (Option<string?> Option, string[] Paths)[] { (data, ["data"]), (where, ["base.device", "training.device"]), (precision, ["base.precision", "training.precision"]) }
                    .SelectMany(pair => parsed.GetValue(pair.Option) is { } value ? pair.Paths.Select(place => new RecipeEdit(place, value, pair.Option.Name)) : []),
                .. (parsed.GetValue(set) ?? []).Select(RecipeEdit.Parse),
            ];
            var plan = MiddleShotGrid.Expand(RecipeReader.Read<MiddleShotRecipe>(path, edits));
            var folder = parsed.GetValue(output) ?? Path.Combine("runs", "table-" + Path.GetFileNameWithoutExtension(path));
            var results = new MiddleShotResults(parsed.GetValue(kept) ?? Path.Combine(folder, "results"));

            var failed = parsed.GetValue(render) is null ? Run(terminal, plan, results, folder, cancel) : 0;
            var report = MiddleShotReporter.Make(plan, results.Read(plan));
            if (parsed.GetValue(render) is { } page) TableOutput.Render(terminal, page, path, results.Folder, report);
            else TableOutput.Write(terminal, folder, report, MiddleShotCsv.Write(report));
            if (parsed.GetValue(json)) terminal.WriteJson(report);
            else terminal.Out.Write(MiddleShotText.Write(report));
            return Task.FromResult(failed == 0 ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static int Run(Terminal terminal, MiddleShotPlan plan, MiddleShotResults results, string folder, CancellationToken cancel)
    {
        var work = new MiddleShotWork((_, train) => TrainingView.For(terminal).Run(train), (_, measure) => FewShotView.For(terminal).Run(measure));
        var runner = new MiddleShotRunner(plan, results, folder, work, new Log(terminal));
        var waiting = runner.Plan();
        if (waiting.Count > 0)
            terminal.Error.WriteLine($"{plan.Recipe.Title}: {waiting.Networks.Count} of {plan.Networks.Count} networks to train, {waiting.Cells.Count} of {plan.Cells.Count} cells to measure; run folders in {folder}, results in {results.Folder}");
        try
        {
            var failed = runner.Run(cancel);
            foreach (var (what, why) in failed) terminal.Error.WriteLine($"failed: {what}: {why}");
            if (failed.Count > 0) terminal.Error.WriteLine($"{failed.Count} failed; the others are kept. Run the same command again to go on.");
            return failed.Count;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Stopped; what is finished is kept, a network that was cut goes on where it was. Run the same command again.");
            throw;
        }
    }

    /// <summary>A line for each thing that happens, at once and in order.</summary>
    private sealed class Log(Terminal terminal) : IProgress<MiddleShotProgress>
    {
        public void Report(MiddleShotProgress value) => terminal.Error.WriteLine($"[{value.Left} left] {value.Id}: " + value.What switch
        {
            TableEvent.Started => "begins",
            TableEvent.Resumed => "goes on",
            TableEvent.Done => value.Measured,
            _ => $"failed: {value.Failure}",
        });
    }
}
