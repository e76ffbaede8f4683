using Spectre.Console;

namespace Refilled.Cli.Progress;

/// <summary>A live bar for each part of the work, on standard error.</summary>
internal sealed class LiveView : ProgressView
{
    protected override Task<T> RunAsync<T>(bool inBytes, Func<Action<ProgressStep>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var bar = new ProgressBarColumn { Width = 8 };
        return console.Progress()
            .Columns(inBytes
                ? [new TaskDescriptionColumn(), bar, new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn()]
                : [bar, new TaskDescriptionColumn { Alignment = Justify.Left }])
            .StartAsync(context =>
            {
                var bars = new Dictionary<string, ProgressTask>(); // each from its first report on: what is done already needs none
                return work(step =>
                {
                    if (!bars.TryGetValue(step.Part, out var bar)) bars[step.Part] = bar = context.AddTask(Markup.Escape(step.Part));
                    if (step.IsTrouble) console.WriteLine(step.Line);
                    bar.MaxValue = step.All ?? step.Done + 1;
                    bar.IsIndeterminate = step.All is null;
                    bar.Value = step.Done;
                    bar.Description = Markup.Escape(step.Text);
                });
            });
    }
}
