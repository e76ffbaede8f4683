namespace Refilled.Training;

/// <summary>Asks the teacher about the next epoch's view in the background, while the student trains on this one's.</summary>
/// <remarks>One view at a time, in the order of the epochs; an epoch waits until its own is there. So what is kept, and what is trained, is
/// what it is without: a view's answers are a function of the view alone.</remarks>
internal sealed class ViewsAhead : IDisposable
{
    private const int MillisecondsBetweenReports = 100;

    private readonly CancellationTokenSource stop = new();
    private Task filling = Task.CompletedTask;
    private volatile Tuple<int, int, int>? told;

    /// <summary>Begins to fill a view; the one before is finished.</summary>
    /// <param name="fill">Fills it, tells the view, the images done and their total, and can be stopped.</param>
    /// <remarks>On a thread of its own: those of the pool may all be busy with parallel work that waits for one.</remarks>
    public void Begin(Action<Action<int, int, int>, CancellationToken> fill)
    {
        told = null;
        filling = Task.Factory.StartNew(() => fill((view, done, all) => told = Tuple.Create(view, done, all), stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits until it is filled, and throws what went wrong there.</summary>
    /// <param name="progress">Told where it stands, by the caller's thread, where there is something to wait for.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public void Finish(Action<int, int, int> progress, CancellationToken cancel)
    {
        while (Task.WaitAny([filling], MillisecondsBetweenReports, cancel) < 0)
            if (told is var (view, done, all)) progress(view, done, all);
        var ended = filling;
        filling = Task.CompletedTask;
        ended.GetAwaiter().GetResult(); // the exception itself
    }

    /// <summary>Stops it, and waits for that: the teacher may be freed next.</summary>
    public void Dispose()
    {
        stop.Cancel();
        Task.WaitAny([filling], CancellationToken.None);
        stop.Dispose();
    }
}
