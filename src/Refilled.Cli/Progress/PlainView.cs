using System.Diagnostics;

namespace Refilled.Cli.Progress;

/// <summary>A line now and then: for logs.</summary>
internal sealed class PlainView(TextWriter log) : ProgressView
{
    protected override Task<T> RunAsync<T>(bool inBytes, Func<Action<ProgressStep>, Task<T>> work)
    {
        var since = Stopwatch.StartNew();
        return work(step =>
        {
            if (since.Elapsed < step.Quiet) return;
            since.Restart();
            log.WriteLine(step.Line);
        });
    }
}
