using System.Diagnostics;
using Refilled.Training;

namespace Refilled.Cli.Progress;

/// <summary>A line for each epoch, and one each half minute within long ones: for logs.</summary>
internal sealed class PlainTrainingView(TextWriter log) : TrainingView
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    public override T Run<T>(Func<IProgress<TrainProgress>, T> work)
    {
        var since = Stopwatch.StartNew();
        return work(new Relay(now =>
        {
            if (!now.EpochDone && since.Elapsed < Quiet) return;
            since.Restart();
            log.WriteLine($"{Describe(now, now.HeldOut)} left{(now.EpochDone ? "" : $" (step {now.Step} of {now.StepsPerEpoch})")}");
        }));
    }
}
