using System.CommandLine;
using Refilled.Cli.Commands;
using Refilled.Data.Fetch;
using Refilled.Training;

namespace Refilled.Cli;

/// <summary>The whole command line: its verbs, and how errors become messages and exit codes.</summary>
internal static class CommandLine
{
    /// <summary>All verbs.</summary>
    internal static RootCommand Root(Terminal terminal) => new("Refilled: knowledge distillation across tasks.")
    {
        DemoCommand.Create(terminal),
        FitCommand.Create(terminal),
        DoctorCommand.Create(terminal),
        DataCommand.Create(terminal),
        PretrainCommand.Create(terminal),
        DistillCommand.Create(terminal),
        EvaluateCommand.Create(terminal),
        TeacherCommand.Create(terminal),
        EmbedCommand.Create(terminal),
        ExportCommand.Create(terminal),
        PredictCommand.Create(terminal),
        CalibrateCommand.Create(terminal),
        ServeCommand.Create(terminal),
        FewShotCommand.Create(terminal),
        TableCommand.Create(terminal),
        FigureCommand.Create(terminal),
        ReportCommand.Create(terminal),
        RunsCommand.Create(terminal),
        WatchCommand.Create(terminal),
        CompareCommand.Create(terminal),
        TensorBoardCommand.Create(terminal),
        BenchCommand.Create(terminal),
        CompletionCommand.Create(terminal),
        ProbeCommand.Create(),
    };

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var root = Root(terminal);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) terminal.Error.WriteLine(error.Message);
            terminal.Error.WriteLine($"Try '{string.Join(' ', Verbs(parsed))} --help'.");
            return ExitCode.BadInput;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            }, cancel);
        }
        catch (InputException e)
        {
            terminal.Error.WriteLine(e.Message);
            return ExitCode.BadInput;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Interrupted.");
            return ExitCode.Interrupted;
        }
#pragma warning disable CA1031 // The last resort: the user gets one line and the right exit code, never a stack trace.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var said = e is TrainingException or FetchException or NotFiniteNumberException;
            terminal.Error.WriteLine(said ? e.Message : $"Failed: {e.Message}");
            if (Environment.GetEnvironmentVariable("REFILLED_TRACE") is not null) terminal.Error.WriteLine(e);
            return ExitCode.Failed;
        }
    }

    private static List<string> Verbs(ParseResult parsed)
    {
        var verbs = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            verbs.Insert(0, result.Command is RootCommand ? "refilled" : result.Command.Name);
        return verbs;
    }
}
