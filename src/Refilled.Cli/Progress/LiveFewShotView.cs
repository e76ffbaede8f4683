using Refilled.FewShot;
using Spectre.Console;

namespace Refilled.Cli.Progress;

/// <summary>A live bar, on standard error.</summary>
internal sealed class LiveFewShotView : FewShotView
{
    public override T Run<T>(Func<IProgress<FewShotProgress>, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new ProgressBarColumn { Width = 8 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask? bar = null;
                return work(new Relay(now =>
                {
                    bar ??= context.AddTask(now.Learner, maxValue: now.Tasks);
                    bar.Value = now.Done;
                    bar.Description = Markup.Escape(Describe(now));
                }));
            });
    }
}
