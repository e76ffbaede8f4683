namespace Refilled.Tests.Engine;

/// <summary>Threads that do nothing but collect, as a server's other work does, until they are disposed of.</summary>
internal sealed class BusyCollector : IDisposable
{
    private readonly List<Thread> threads;
    private readonly TimeSpan pause;
    private long collections;
    private volatile bool stopped;

    /// <inheritdoc cref="BusyCollector"/>
    /// <param name="count">How many threads.</param>
    /// <param name="pause">Between two collections of each.</param>
    public BusyCollector(int count, TimeSpan pause)
    {
        this.pause = pause;
        threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Collect) { IsBackground = true, Name = "busy collector" })];
        threads.ForEach(thread => thread.Start());
    }

    /// <summary>Collections so far.</summary>
    public long Collections => Interlocked.Read(ref collections);

    public void Dispose()
    {
        stopped = true;
        threads.ForEach(thread => thread.Join());
    }

    private void Collect()
    {
        while (!stopped)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
            Interlocked.Increment(ref collections);
            if (pause > TimeSpan.Zero) Thread.Sleep(pause);
        }
    }
}
