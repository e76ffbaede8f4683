using System.Globalization;
using Refilled.FewShot;

namespace Refilled.Cli.Progress;

/// <summary>Shows few-shot tasks while they are solved.</summary>
internal abstract class FewShotView
{
    /// <summary>A live bar in a terminal, plain lines elsewhere.</summary>
    public static FewShotView For(Terminal terminal) => terminal.Live ? new LiveFewShotView() : new PlainFewShotView(terminal.Error);

    /// <summary>Runs the work and shows what it reports.</summary>
    public abstract T Run<T>(Func<IProgress<FewShotProgress>, T> work);

    /// <summary>Tasks, accuracy so far and time left: short enough to stand beside a bar in 80 columns.</summary>
    protected static string Describe(FewShotProgress now)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{now.Learner} {now.Done}/{now.Tasks} tasks");
        return now.Done == 0 ? text : string.Create(CultureInfo.InvariantCulture,
            $"{text} {100 * now.Mean:0.0} % {(int)now.Remaining.TotalHours}:{now.Remaining:mm\\:ss}");
    }

    /// <summary>Hands on reports at once, on the thread that reports: order matters here.</summary>
    protected sealed class Relay(Action<FewShotProgress> show) : IProgress<FewShotProgress>
    {
        public void Report(FewShotProgress value) => show(value);
    }
}
