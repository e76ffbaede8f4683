using System.Diagnostics;
using Refilled.FewShot;

namespace Refilled.Cli.Progress;

/// <summary>A line each half minute, and one at the end: for logs.</summary>
internal sealed class PlainFewShotView(TextWriter log) : FewShotView
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    public override T Run<T>(Func<IProgress<FewShotProgress>, T> work)
    {
        var since = Stopwatch.StartNew();
        return work(new Relay(now =>
        {
            if (now.Done < now.Tasks && since.Elapsed < Quiet) return;
            since.Restart();
            log.WriteLine(now.Done < now.Tasks ? Describe(now) + " left" : Describe(now));
        }));
    }
}
