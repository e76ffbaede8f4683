using Refilled.Tables;

namespace Refilled.Cli.Commands;

/// <summary>Carries out the runs of a table or a figure, and tells which failed.</summary>
internal static class TableRuns
{
    /// <summary>Runs what isn't done yet.</summary>
    /// <returns>How many failed.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; what is finished is kept.</exception>
    public static async Task<int> DoAsync(TableRunner runner, Terminal terminal, CancellationToken cancel)
    {
        try
        {
            var failed = await runner.RunAsync(cancel).ConfigureAwait(false);
            foreach (var (job, why) in failed) terminal.Error.WriteLine($"failed: {job.Id}: {why}");
            if (failed.Count > 0)
                terminal.Error.WriteLine($"{failed.Count} failed; the others are kept. Run the same command again to go on.");
            return failed.Count;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Stopped; what is finished is kept, the rest goes on where it was cut. Run the same command again.");
            throw;
        }
    }

    /// <summary>Prints the numbers, and says how the command ends.</summary>
    public static int Tell(TableReport report, int failed, bool asJson, Terminal terminal)
    {
        if (asJson) terminal.WriteJson(report);
        else terminal.Out.Write(TableText.Plain(report));
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
