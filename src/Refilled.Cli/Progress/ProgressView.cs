namespace Refilled.Cli.Progress;

/// <summary>Shows long work while it runs.</summary>
internal abstract class ProgressView
{
    /// <summary>Live bars in a terminal, plain lines elsewhere.</summary>
    public static ProgressView For(Terminal terminal) => terminal.Live ? new LiveView() : new PlainView(terminal.Error);

    /// <summary>Runs the work on this thread and shows what it reports.</summary>
    public T Run<TReport, T>(ProgressKind<TReport> kind, Func<IProgress<TReport>, T> work) =>
        RunAsync(kind, progress => Task.FromResult(work(progress))).GetAwaiter().GetResult();

    /// <summary>Runs the work and shows what it reports.</summary>
    public Task<T> RunAsync<TReport, T>(ProgressKind<TReport> kind, Func<IProgress<TReport>, Task<T>> work) =>
        RunAsync(kind.InBytes, show => work(new Relay<TReport>(report => show(kind.Read(report)))));

    protected abstract Task<T> RunAsync<T>(bool inBytes, Func<Action<ProgressStep>, Task<T>> work);
}

/// <summary>How the reports of some kind of work read.</summary>
/// <param name="Read">Reads a report; those of one work in their order.</param>
/// <param name="InBytes">Whether amounts are bytes, so that speed and time left are shown.</param>
internal sealed record ProgressKind<TReport>(Func<TReport, ProgressStep> Read, bool InBytes = false);

/// <summary>What a report says.</summary>
/// <param name="Part">The part of the work that it is about; each has a bar.</param>
/// <param name="Done">How much of it is done.</param>
/// <param name="All">How much it is; null where that isn't known.</param>
/// <param name="Text">What stands beside the bar.</param>
/// <param name="Line">What stands in a log.</param>
internal sealed record ProgressStep(string Part, double Done, double? All, string Text, string Line)
{
    /// <summary>The time since the last line of a log before which this one is left out.</summary>
    public TimeSpan Quiet { get; init; }

    /// <summary>Whether its line is shown above a live bar, too.</summary>
    public bool IsTrouble { get; init; }
}

/// <summary>Hands on reports at once, on the thread that reports: order matters here.</summary>
internal sealed class Relay<T>(Action<T> show) : IProgress<T>
{
    public void Report(T value) => show(value);
}
