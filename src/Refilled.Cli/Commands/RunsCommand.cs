using System.CommandLine;
using Refilled.Recipes;
using Refilled.Reports.Runs;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled runs</c>: what the runs in a folder are at.</summary>
internal static class RunsCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("folder") { Description = "A folder of runs (runs).", DefaultValueFactory = _ => "runs" };
        var json = Options.Json("the runs");
        var command = new Command("runs", "List the runs in a folder: which train, are done, or were stopped and can go on, how far each "
            + "is, and what is damaged.") { folder, json };
        command.SetAction((parsed, _) =>
        {
            var root = parsed.GetValue(folder)!;
            RunPlaces.MustBeReadable(root);
            var runs = RunPlaces.Within(root).Select(RunRecord.Read).ToList();
            if (parsed.GetValue(json)) terminal.WriteJson(runs.Select(Told));
            else Print(terminal, root, runs);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static object Told(RunRecord run) => new
    {
        run.Path, State = RecipeNames.Kebab(run.State.ToString()), run.Recipe?.Method, run.Recipe?.Student, Seed = run.Recipe?.Seeds.Run,
        Epochs = run.Epochs.Count, Planned = run.PlannedEpochs, run.Result?.Top1Selected, run.Problems,
    };

    private static void Print(Terminal terminal, string root, List<RunRecord> runs)
    {
        if (runs.Count == 0) terminal.Print($"There is no run in '{root}'.");
        foreach (var run in runs)
        {
            var epochs = run.PlannedEpochs is { } planned ? $"{run.Epochs.Count} of {planned} epochs" : $"{run.Epochs.Count} epochs";
            var result = run.Result is { } measured ? FormattableString.Invariant($", top-1 {measured.Top1Selected:0.00} %") : "";
            terminal.Print($"{RecipeNames.Kebab(run.State.ToString()),-9} {Path.GetRelativePath(root, run.Path),-40} "
                + $"{run.Recipe?.Method ?? "?",-14} {run.Recipe?.Student ?? "?",-16} {epochs}{result}");
            foreach (var problem in run.Problems) terminal.Print($"          {problem}");
        }
        if (runs.Any(run => run.State == RunState.Stopped))
            terminal.Error.WriteLine("What was stopped goes on with --resume --out <run>, or with its table's or fit's own command.");
    }
}
