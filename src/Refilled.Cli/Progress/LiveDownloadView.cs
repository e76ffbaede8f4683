using Refilled.Data.Fetch;
using Spectre.Console;

namespace Refilled.Cli.Progress;

/// <summary>A live bar with speed and time left, on standard error.</summary>
internal sealed class LiveDownloadView : DownloadView
{
    public override Task<T> RunAsync<T>(string name, Func<IProgress<DownloadProgress>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 8 }, new DownloadedColumn(), new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask? bar = null; // from the first report on: an archive that is there already needs none
                return work(new Relay(now =>
                {
                    bar ??= context.AddTask(Markup.Escape(name));
                    if (now.Trouble is not null) console.WriteLine($"{name}: {now.Trouble}; trying again");
                    if (now.Total is { } total) bar.MaxValue = Math.Max(total, now.Done);
                    else if (now.Trouble is null) bar.MaxValue = now.Done + 1;
                    bar.IsIndeterminate = now.Total is null;
                    bar.Value = now.Done;
                }));
            });
    }
}
