using System.CommandLine;
using System.Text.Json;
using Refilled.Cli.Progress;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Tables.FewShot;
using Refilled.Tables.Grid;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled table</c>: a whole table, from one recipe.</summary>
internal sealed class TableCommand
{
    private readonly Terminal terminal;
    private readonly Kind kind;

    private readonly Option<FileInfo?> file = new("--recipe") { Description = "The table's recipe, such as those in recipes/tables." };
    private readonly Option<bool> quick =
        Options.Flag("--quick", "All rows on generated creatures, in minutes: shows that it works, not how well.");
    private readonly Option<string?> data = Options.Text("--data", "data", "The data of all networks.");
    private readonly Option<int> jobs = new("--jobs")
    {
        Description = "Runs side by side, each with its share of the cores (1).", HelpName = "n", DefaultValueFactory = _ => 1,
    };
    private readonly Option<string?> output =
        Options.Text("--out", "folder", "Folder for the run folders (runs/table-<recipe>); what is done in it is kept.");
    private readonly Option<string?> kept = Options.Text("--results", "folder", "Folder for the results (results within --out).");
    private readonly Option<string?> render = Options.Text("--render", "page",
        "Train nothing: print the table from --results and put it into this page, such as results/RESULTS.md.");
    private readonly Option<string?> device = Options.Text("--device", "device", "cpu, cuda, cuda:n or auto.");
    private readonly Option<string?> precision =
        Options.Text("--precision", "format", "fp32, bf16 or auto, where a row or network doesn't say otherwise.");
    private readonly Option<string[]> set =
        Options.Set("Edit the table's recipe: path=value, such as base.stage2.epochs=5 or seeds=[0]. May be repeated.");
    private readonly Option<bool> json = Options.Json("the table");

    private TableCommand(Terminal terminal, Kind kind) => (this.terminal, this.kind) = (terminal, kind);

    /// <summary>What tells the verbs apart.</summary>
    /// <param name="Verb">The verb.</param>
    /// <param name="Description">What its tables are.</param>
    /// <param name="Training">The part of its recipes that trains networks for others.</param>
    /// <param name="SideBySide">Whether its runs are processes of their own.</param>
    /// <param name="Read">Reads a recipe with edits.</param>
    private sealed record Kind(string Verb, string Description, string Training, bool SideBySide,
        Func<string, RecipeEdit[], TablePlan> Read);

    public static Command Create(Terminal terminal)
    {
        var command = new Command("table", "Run a whole table of methods from one recipe, or print it from results.");
        foreach (var kind in Kinds) command.Subcommands.Add(new TableCommand(terminal, kind).Create());
        return command;
    }

    /// <summary>A verb for each setting, and one for few-shot learners.</summary>
    private static IEnumerable<Kind> Kinds =>
    [
        .. Enum.GetValues<Setting>().Select(Grid),
        new("middle-shot", "Few-shot learners over tasks of new classes with 1 to 30 images of each.", "training", false,
            (path, edits) => FewShotPlan.Expand(RecipeReader.Read<FewShotTableRecipe>(path, edits))),
    ];

    private static Kind Grid(Setting setting)
    {
        static string Verb(Setting setting) => RecipeNames.Kebab(setting.ToString());
        return new(Verb(setting), ClassRelation.Describe(setting), "teacher", true, (path, edits) =>
        {
            var recipe = RecipeReader.Read<GridRecipe>(path, edits);
            return recipe.Setting == setting ? GridPlan.Expand(recipe)
                : throw new InputException($"'{path}' is a table of the {Verb(recipe.Setting)} setting: "
                    + $"use refilled table {Verb(recipe.Setting)}.");
        });
    }

    private Command Create()
    {
        var command = new Command(kind.Verb, kind.Description) { file, quick, data };
        if (kind.SideBySide) command.Options.Add(jobs);
        foreach (var option in new Option[] { output, kept, render, device, precision, set, json }) command.Options.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetValue(quick)
            ? Path.Combine(AppContext.BaseDirectory, "recipes", $"quick-{kind.Verb}.yaml") : parsed.GetValue(file)?.ToString();
        if (path is null || (parsed.GetValue(quick) && parsed.GetValue(file) is not null))
            throw new InputException("Name the table's recipe with --recipe, such as those in recipes/tables, "
                + "or see all rows on generated creatures with --quick.");
        if (parsed.GetValue(quick) && !File.Exists(path))
            throw new InputException($"There is no quick table of {kind.Verb}; name a recipe with --recipe.");
        var plan = kind.Read(path, Edits(parsed));
        var folder = parsed.GetValue(output) ?? Path.Combine("runs", "table-" + Path.GetFileNameWithoutExtension(path));
        var results = new TableResults(parsed.GetValue(kept) ?? Path.Combine(folder, "results"));

        var failed = 0;
        if (parsed.GetValue(render) is null)
        {
            var options = new TableRunOptions(folder) { Formats = TeacherFormats.All };
            if (kind.SideBySide) options = options with { Jobs = parsed.GetValue(jobs) };
            failed = await RunAsync(plan, results, options, cancel).ConfigureAwait(false);
        }
        var report = plan.Report(results.Read(plan));
        if (parsed.GetValue(render) is { } page) Render(page, path, results.Folder, report);
        else Write(folder, report);
        return TableRuns.Tell(report, failed, parsed.GetValue(json), terminal);
    }

    private RecipeEdit[] Edits(ParseResult parsed)
    {
        IEnumerable<RecipeEdit> Edit(Option<string?> option, params string[] paths) =>
            parsed.GetValue(option) is { } value ? paths.Select(path => new RecipeEdit(path, value, option.Name)) : [];
        return
        [
            .. Edit(data, "data"), .. Edit(device, "base.device", $"{kind.Training}.device"),
            .. Edit(precision, "base.precision", $"{kind.Training}.precision"), .. (parsed.GetValue(set) ?? []).Select(RecipeEdit.Parse),
        ];
    }

    /// <returns>How many jobs failed.</returns>
    private async Task<int> RunAsync(TablePlan plan, TableResults results, TableRunOptions options, CancellationToken cancel)
    {
        var loaded = new LoadedData();
        var here = new JobsInProcess(loaded, options.Formats, train => ProgressView.For(terminal).Run(Progresses.Training(), train),
            measure => ProgressView.For(terminal).Run(Progresses.FewShot, measure));
        var runner = new TableRunner(plan, results, options, kind.SideBySide ? new CellProcess(options.Output) : here,
            new Relay<TableProgress>(value => Log(terminal, value)));
        var waiting = runner.Plan();
        if (waiting.Count > 0)
        {
            var shares = kind.SideBySide ? $", {options.Jobs} at a time with {options.ThreadsEach} of {options.Cores} cores each" : "";
            terminal.Error.WriteLine($"{plan.Title}: {waiting.Count} of {plan.Jobs.Count} to do{shares}; run folders in {options.Output}, "
                + $"results in {results.Folder}");
            // Processes read their data themselves, so that what was read to check them needn't be kept.
            TablePreflight.Check(plan, waiting, results, kind.SideBySide ? new LoadedData() : loaded, options.Formats, cancel);
        }
        return await TableRuns.DoAsync(runner, terminal, cancel).ConfigureAwait(false);
    }

    /// <summary>Writes a report as Markdown, CSV and JSON.</summary>
    private void Write(string folder, TableReport report)
    {
        Directory.CreateDirectory(folder);
        RunFolder.WriteText(Path.Combine(folder, "table.md"), $"# {report.Title}\n\n{TableText.Markdown(report)}");
        RunFolder.WriteText(Path.Combine(folder, "table.csv"), TableText.Csv(report));
        RunFolder.WriteText(Path.Combine(folder, "table.json"), JsonSerializer.Serialize<object>(report, RunFolder.Json) + "\n");
        ResultsPage.Draw(folder, report);
        terminal.Error.WriteLine($"written: {Path.Combine(folder, "table.md")}, table.csv, table.json");
    }

    /// <summary>Puts a report into a page.</summary>
    private void Render(string page, string recipe, string results, TableReport report)
    {
        var text = File.Exists(page) ? File.ReadAllText(page).ReplaceLineEndings("\n") : "# Results\n";
        string FromPage(string path) =>
            Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(page))!, Path.GetFullPath(path)).Replace('\\', '/');
        RunFolder.WriteText(page, ResultsPage.With(text, FromPage(results), FromPage(recipe), report));
        ResultsPage.Draw(results, report);
        terminal.Error.WriteLine($"written: {page}");
    }

    /// <summary>Tells what becomes of a job.</summary>
    public static void Log(Terminal terminal, TableProgress value) => terminal.Error.WriteLine(
        $"[{value.Finished}/{value.All}] {value.Job.Id}: "
        + value.What switch
        {
            TableEvent.Started => "begins",
            TableEvent.Resumed => "goes on",
            TableEvent.Done => value.Outcome,
            _ => $"failed: {value.Outcome}",
        });
}
