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
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var bars = new Dictionary<string, ProgressTask>();
                return work(new Relay(now =>
                {
                    if (!bars.TryGetValue(now.Stage, out var bar)) bars[now.Stage] = bar = context.AddTask(now.Stage, maxValue: (double)now.Epochs * now.StepsPerEpoch);
                    bar.Value = (double)now.Epoch * now.StepsPerEpoch + now.Step;
                    bar.Description = Markup.Escape($"{now.Stage} {now.Epoch + 1}/{now.Epochs}  {Describe(now)}");
                }));
            });
    }
}
