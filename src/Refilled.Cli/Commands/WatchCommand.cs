using System.CommandLine;
using Refilled.Cli.Watch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled watch</c>: a page of runs that shows what they do.</summary>
internal static class WatchCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("folder") { Description = "A folder of runs (runs).", DefaultValueFactory = _ => "runs" };
        var port = Options.Number("--port", "n", "Port of the page (0: a free one).", otherwise: 0, least: 0, most: 65535);
        var command = new Command("watch", "Show the runs of a folder on a page of this machine, until Ctrl-C: curves as they grow, tables "
            + "as they fill, two runs compared, what a network gets wrong, and what it says of an image of yours. It only reads.")
            { folder, port };
        command.SetAction(async (parsed, cancel) =>
        {
            await using var server = await WatchServer.StartAsync(parsed.GetValue(folder)!, parsed.GetValue(port), cancel);
            terminal.Print($"{server.Address}");
            await terminal.Out.FlushAsync(cancel);
            terminal.Error.WriteLine("Open this address in a browser of this machine; whoever knows it can look. Ctrl-C ends it.");
            await LocalWeb.UntilStoppedAsync(cancel);
            return ExitCode.Done;
        });
        return command;
    }
}
