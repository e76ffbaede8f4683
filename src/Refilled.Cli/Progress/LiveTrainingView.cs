using Refilled.Training;
using Spectre.Console;

namespace Refilled.Cli.Progress;

/// <summary>A live bar for each stage, on standard error.</summary>
internal sealed class LiveTrainingView : TrainingView
{
    public override T Run<T>(Func<IProgress<TrainProgress>, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new ProgressBarColumn { Width = 8 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var bars = new Dictionary<string, ProgressTask>();
                double? heldOut = null;
                return work(new Relay(now =>
                {
                    if (!bars.TryGetValue(now.Stage, out var bar))
                        bars[now.Stage] = bar = context.AddTask(now.Stage, maxValue: (double)now.Epochs * now.StepsPerEpoch);
                    bar.Value = (double)now.Epoch * now.StepsPerEpoch + now.Step;
                    heldOut = now.Epoch == 0 && !now.EpochDone ? null : now.HeldOut ?? heldOut; // each stage has a measure of its own
                    bar.Description = Markup.Escape(Describe(now, heldOut));
                }));
            });
    }
}
