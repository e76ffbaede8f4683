using System.CommandLine;
using System.Globalization;
using Refilled.Recipes;
using Refilled.Tables;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled table</c>: a whole table of methods, from one recipe.</summary>
internal static class TableCommand
{
    public static Command Create(Terminal terminal) => new("table", "Run a whole table of methods from one recipe, or print it from results.")
    {
        Create(terminal, Setting.CrossTask, "Teacher and students have no class in common."),
        Create(terminal, Setting.Standard, "Teacher and students have the same classes."),
        MiddleShotCommand.Create(terminal),
    };

    private static Command Create(Terminal terminal, Setting setting, string description)
    {
        var file = new Option<FileInfo?>("--recipe") { Description = "The table's recipe, such as those in recipes/tables." };
        var quick = new Option<bool>("--quick") { Description = "All rows on generated creatures, in minutes: shows that it works, not how well." };
        var data = new Option<string?>("--data") { Description = "The data of teachers and students.", HelpName = "data" };
        var jobs = new Option<int>("--jobs") { Description = "Runs side by side, each with its share of the cores (1).", HelpName = "n", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out") { Description = "Folder for the run folders (runs/table-<recipe>); what is done in it is kept.", HelpName = "folder" };
        var kept = new Option<string?>("--results") { Description = "Folder for the results of finished runs (results within --out).", HelpName = "folder" };
        var render = new Option<string?>("--render") { Description = "Train nothing: print the table from --results and put it into this page, such as results/RESULTS.md.", HelpName = "page" };
        var where = new Option<string?>("--device") { Description = "cpu, cuda, cuda:n or auto.", HelpName = "device" };
        var precision = new Option<string?>("--precision") { Description = "fp32, bf16 or auto.", HelpName = "format" };
        var set = new Option<string[]>("--set") { Description = "Edit the table's recipe: path=value, such as base.stage2.epochs=5 or seeds=[0]. May be repeated.", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false, HelpName = "path=value" };
        var json = new Option<bool>("--json") { Description = "Print the table as one JSON object on the last line." };
        var command = new Command(Verb(setting), description) { file, quick, data, jobs, output, kept, render, where, precision, set, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(quick) ? Quick(setting) : parsed.GetValue(file)?.ToString();
            if (path is null || (parsed.GetValue(quick) && parsed.GetValue(file) is not null)) throw new InputException("Name the table's recipe with --recipe, such as those in recipes/tables, or see all rows on generated creatures with --quick.");
            RecipeEdit[] edits =
            [
                .. new (Option<string?> Option, string[] Paths)[] { (data, ["data"]), (where, ["base.device", "teacher.device"]), (precision, ["base.precision", "teacher.precision"]) }
                    .SelectMany(pair => parsed.GetValue(pair.Option) is { } value ? pair.Paths.Select(place => new RecipeEdit(place, value, pair.Option.Name)) : []),
                .. (parsed.GetValue(set) ?? []).Select(RecipeEdit.Parse),
            ];
            var recipe = RecipeReader.Read<TableRecipe>(path, edits);
            if (recipe.Setting != setting) throw new InputException($"'{path}' is a table of the {Verb(recipe.Setting)} setting: use refilled table {Verb(recipe.Setting)}.");
            var plan = TableGrid.Expand(recipe);
            var folder = parsed.GetValue(output) ?? Path.Combine("runs", "table-" + Path.GetFileNameWithoutExtension(path));
            var results = new TableResults(parsed.GetValue(kept) ?? Path.Combine(folder, "results"));

            var failed = 0;
            if (parsed.GetValue(render) is null) failed = await RunAsync(terminal, plan, results, new TableRunOptions(folder) { Jobs = parsed.GetValue(jobs) }, cancel).ConfigureAwait(false);
            var report = TableReporter.Make(plan, results.Read(plan));
            if (parsed.GetValue(render) is { } page) TableOutput.Render(terminal, page, path, results.Folder, report);
            else TableOutput.Write(terminal, folder, report, CsvTable.Write(report));
            if (parsed.GetValue(json)) terminal.WriteJson(report);
            else terminal.Out.Write(TextTable.Write(report));
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static string Verb(Setting setting) => setting == Setting.Standard ? "standard" : "cross-task";

    /// <summary>The recipes that come with the command.</summary>
    private static string Quick(Setting setting) => Path.Combine(AppContext.BaseDirectory, "recipes", $"quick-{Verb(setting)}.yaml");

    private static async Task<int> RunAsync(Terminal terminal, TablePlan plan, TableResults results, TableRunOptions options, CancellationToken cancel)
    {
        var runner = new TableRunner(plan, results, options, new CellProcess(options.Output), new Log(terminal));
        var waiting = runner.Plan();
        if (waiting.Count > 0)
        {
            terminal.Error.WriteLine($"{plan.Recipe.Title}: {waiting.Count} of {plan.All.Count()} runs to do, {options.Jobs} at a time with {options.ThreadsEach} of {options.Cores} cores each; run folders in {options.Output}, results in {results.Folder}");
            TablePreflight.Check(plan, waiting, results, cancel);
        }
        try
        {
            var failed = await runner.RunAsync(cancel).ConfigureAwait(false);
            foreach (var (cell, why) in failed) terminal.Error.WriteLine($"failed: {cell.Id}: {why}");
            if (failed.Count > 0) terminal.Error.WriteLine($"{failed.Count} runs failed; the others are kept. Run the same command again to go on.");
            return failed.Count;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Stopped; finished runs are kept, the others go on where they were cut. Run the same command again.");
            throw;
        }
    }

    /// <summary>A line for each thing that happens, at once and in order.</summary>
    private sealed class Log(Terminal terminal) : IProgress<TableProgress>
    {
        public void Report(TableProgress value) => terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{value.Finished}/{value.All}] {value.Cell.Id}: ") + value.What switch
        {
            TableEvent.Started => "begins",
            TableEvent.Resumed => "goes on",
            TableEvent.Done => string.Create(CultureInfo.InvariantCulture, $"top-1 {value.Result!.Top1:0.0} % ({value.Result.Seconds:0} s)"),
            _ => $"failed: {value.Failure}",
        });
    }
}
