using System.Diagnostics;
using System.Globalization;
using Refilled.Recipes;
using Refilled.Tables;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary>Runs a cell of a table as a process of its own: this command's <c>distill</c>. It stops when its standard input ends, so
/// that it never outlives this process, and a signal that the terminal sends to both is not one too many.</summary>
/// <param name="folder">The table's folder; recipes and logs of the cells go there.</param>
internal sealed class CellProcess(string folder) : IJobRunner
{
    /// <summary>The environment variable that makes the command stop, as by Ctrl-C, when its standard input ends.</summary>
    public const string StopVariable = "REFILLED_STOP_AT_END_OF_INPUT";

    private const int TailLines = 4;

    public async Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel)
    {
        var job = (TrainStart)start;
        var name = job.Job.Id.Replace('/', '_');
        var log = Path.Combine(folder, "logs", name + ".log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        using var process = Start(job, name);
        var tail = new Queue<string>();
        var writing = CopyAsync(process.StandardError, log, tail);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        using (cancel.Register(process.StandardInput.Close)) await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAll(writing, output).ConfigureAwait(false);
        return process.ExitCode switch
        {
            ExitCode.Done => JobOutcome.Trained,
            ExitCode.Interrupted =>
                throw new OperationCanceledException($"{job.Job.Id} was stopped.",
                    cancel.IsCancellationRequested ? cancel : CancellationToken.None),
            _ => new JobOutcome(null, $"{Reason(process.ExitCode, tail)} (log: {log})"),
        };
    }

    /// <summary>Why a run ended so. A failure is told by its last line, before which there is only progress; wrong input may have
    /// several.</summary>
    internal static string Reason(int exitCode, IReadOnlyCollection<string> lastLines)
    {
        const string Mark = "Failed: ";
        if (exitCode != ExitCode.Failed || lastLines.Count == 0) return $"exit code {exitCode}: {string.Join(" / ", lastLines)}";
        var last = lastLines.Last();
        return last.StartsWith(Mark, StringComparison.Ordinal) ? last[Mark.Length..] : last;
    }

    private Process Start(TrainStart job, string name)
    {
        List<string> args = ["distill", "--out", job.Folder, "--json"];
        if (job.Resume)
        {
            args.AddRange(["--resume", "--data", job.Recipe.Data, "--teacher-cache", job.Recipe.TeacherCache]);
            if (job.Recipe.Teacher is { } teacher) args.AddRange(["--teacher", teacher]);
        }
        else
        {
            var recipe = Path.Combine(folder, "recipes", name + ".yaml");
            Directory.CreateDirectory(Path.GetDirectoryName(recipe)!);
            RunFolder.WriteText(recipe, RecipeWriter.Write(job.Recipe));
            args.AddRange(["--recipe", recipe]);
        }
        var start = OwnCommand.With(args);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment[StopVariable] = "1";
        // Decoding, garbage collection and the engine's own pools keep to the run's share of the cores, too.
        foreach (var variable in new[] { "DOTNET_PROCESSOR_COUNT", "OMP_NUM_THREADS", "MKL_NUM_THREADS" })
            start.Environment[variable] = job.Recipe.Threads.ToString(variable[0] == 'D' ? "x" : "0", CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>Copies what a run says to its log, and keeps its last words.</summary>
    private static async Task CopyAsync(StreamReader from, string log, Queue<string> tail)
    {
        using var file = new StreamWriter(log, append: true);
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            await file.WriteLineAsync(line).ConfigureAwait(false);
            await file.FlushAsync().ConfigureAwait(false);
            if (line.Length == 0) continue;
            tail.Enqueue(line);
            if (tail.Count > TailLines) tail.Dequeue();
        }
    }
}
