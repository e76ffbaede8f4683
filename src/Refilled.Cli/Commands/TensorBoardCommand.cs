using System.CommandLine;
using Refilled.Cli.TensorBoard;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Reports;
using Refilled.Reports.Runs;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled tensorboard</c>: runs as TensorBoard reads them.</summary>
internal static class TensorBoardCommand
{
    private const string Beside = "tensorboard";

    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("runs") { Description = "Run folders, or folders of runs.", Arity = ArgumentArity.OneOrMore };
        var output = Options.Text("--out", "folder", $"Folder with one for each run ({Beside} in each run's own folder).");
        var data = Options.Text("--data", "data", "Where the images are now, if not where the recipes say.");
        var scalars = Options.Flag("--scalars", "Leave out samples and embeddings, for which the images are read.");
        var command = new Command("tensorboard", "Write runs as event files for TensorBoard: losses, accuracies and learning rates with "
            + "their times, a sheet of samples, and the embedding of the test images for its projector.") { runs, output, data, scalars };
        command.SetAction((parsed, cancel) =>
        {
            var found = RunPlaces.Find(parsed.GetValue(runs)!);
            foreach (var path in found)
            {
                var run = RunRecord.Read(path);
                foreach (var problem in run.Problems) terminal.Error.WriteLine($"{path}: {problem}");
                var folder = parsed.GetValue(output) is { } all ? Path.Combine(all, Named(path, found)) : Path.Combine(path, Beside);
                using var look = parsed.GetValue(scalars) ? null : Look(run, parsed.GetValue(data), terminal, cancel);
                EventFile.Write(folder, RunEvents.Of(run, look is null ? null : SampleSheet.Png(look.Measured)));
                if (look is not null) ProjectorFiles.Write(folder, look);
                terminal.Print($"{folder}: {run.Epochs.Count} epochs{(look is null ? "" : $", {look.Measured.Count} test images")}");
            }
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static NetworkLook? Look(RunRecord run, string? data, Terminal terminal, CancellationToken cancel)
    {
        if (!run.HasNetwork || run.Recipe is null) return null;
        try
        {
            return RunLook.Of(run, data, TeacherFormats.All, cancel);
        }
        catch (InputException e) when (data is null)
        {
            terminal.Error.WriteLine($"{run.Path}: without samples and embeddings: {e.Message} (--data names where the images are now.)");
            return null;
        }
    }

    /// <summary>A run's name that tells it from the others: the last folders of its path.</summary>
    private static string Named(string path, IReadOnlyList<string> all)
    {
        static string Last(string path, int count) =>
            string.Join('-', Path.GetFullPath(path).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)[^count..]);
        var most = all.Min(one => Path.GetFullPath(one).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Length);
        var count = Enumerable.Range(1, most).FirstOrDefault(n => all.Select(one => Last(one, n)).Distinct().Count() == all.Count, most);
        return Last(path, count);
    }
}
