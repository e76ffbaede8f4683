using System.Diagnostics;
using Refilled.Training;

namespace Refilled.Cli.Progress;

/// <summary>A line for each epoch, but at most one in five seconds, and one each half minute within long epochs: for logs.</summary>
internal sealed class PlainTrainingView(TextWriter log) : TrainingView
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30), Short = TimeSpan.FromSeconds(5);

    public override T Run<T>(Func<IProgress<TrainProgress>, T> work)
    {
        var since = Stopwatch.StartNew();
        return work(new Relay(now =>
        {
            var last = now.EpochDone && now.Epoch + 1 == now.Epochs;
            if (!last && since.Elapsed < (now.EpochDone ? Short : Quiet)) return;
            since.Restart();
            var text = Describe(now, now.HeldOut);
            var within = now.EpochDone ? "" : $" (step {now.Step} of {now.StepsPerEpoch})";
            log.WriteLine(now.Means.Count == 0 ? text : $"{text} left{within}");
        }));
    }
}
