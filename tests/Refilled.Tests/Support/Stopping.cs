using System.Diagnostics;
using Refilled.Data;

namespace Refilled.Tests.Support;

/// <summary>Long work that is stopped while it runs.</summary>
internal static class Stopping
{
    /// <summary>A second is promised, on a machine with nothing else to do; beside a loaded one ten were seen to pass.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(60);

    /// <summary>A token that stops whoever looks at it.</summary>
    public static CancellationToken Stopped { get; } = new(canceled: true);

    /// <summary>Stops work a moment after it began, and measures how long it goes on.</summary>
    /// <param name="work">What would take long.</param>
    public static void Soon(Action<CancellationToken> work)
    {
        using var cancel = new CancellationTokenSource();
        var since = new Stopwatch();
        using var started = cancel.Token.Register(since.Start);
        cancel.CancelAfter(TimeSpan.FromMilliseconds(300));
        Assert.ThrowsAny<OperationCanceledException>(() => work(cancel.Token));
        Assert.InRange(since.Elapsed, TimeSpan.FromTicks(1), Slack);
    }

    /// <summary>Many black images, which any network takes long to see.</summary>
    public static ImageSet Many(int count = 30_000, int classes = 4)
    {
        var store = new ImageStore(count, new ImageShape(3, 32, 32));
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => i % classes)], [.. Enumerable.Range(0, classes).Select(c => $"class{c}")]);
    }
}
