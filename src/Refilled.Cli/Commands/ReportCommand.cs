using System.CommandLine;
using Refilled.Files;
using Refilled.Reports;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled report</c>: one HTML page of some runs.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("runs")
        {
            Description = "Run folders, a fit's folder, or folders of runs such as a table's. The first run is looked at closely; runs "
                + "that differ by their seed alone become one line with a band.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out", "-o")
            { Description = "The page.", HelpName = "file.html", DefaultValueFactory = _ => Report.FileName };
        var title = Options.Text("--title", "text", "The page's heading.");
        var licence = Options.Text("--licence", "text", "Under what licence the network may be used, for its model card.");
        var data = Options.Text("--data", "data", "Where the first run's images are now, if not where its recipe says.");
        var command = new Command("report", "Make one HTML page of runs, which needs no network: how good, by curves, classes, confusions, "
            + "mistakes, duplicates and a map, with its settings and a model card.") { runs, output, title, licence, data };
        command.SetAction((parsed, cancel) =>
        {
            var report = new Report(parsed.GetValue(runs)!)
                { Title = parsed.GetValue(title), Licence = parsed.GetValue(licence), Data = parsed.GetValue(data) };
            var path = parsed.GetValue(output)!;
            CheckOutput(path);
            RunFolder.WriteText(path, report.Make(TeacherFormats.All, cancel));
            terminal.Print($"written: {path}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>Checks that the page can be written before anything is made for it; its folder is made where it is missing.</summary>
    private static void CheckOutput(string path)
    {
        if (path.Trim().Length == 0) throw new InputException("--out names the page's file.");
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; --out names the page's file.");
        Disk.Try(() =>
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            var tried = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose };
            File.Open(Path.Combine(folder, Path.GetRandomFileName()), tried).Dispose();
        }, e => new InputException($"'{path}' can't be written: {e.Message}", e));
    }
}
