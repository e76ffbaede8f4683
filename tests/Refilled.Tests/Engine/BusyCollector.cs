namespace Refilled.Tests.Engine;

/// <summary>Two threads that do nothing but collect, as a server's other work does, until they are disposed of.</summary>
internal sealed class BusyCollector : IDisposable
{
    private readonly List<Thread> threads;
    private volatile bool stopped;

    public BusyCollector()
    {
        threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(Collect) { IsBackground = true, Name = "busy collector" })];
        threads.ForEach(thread => thread.Start());
    }

    /// <summary>Collections so far.</summary>
    public long Collections { get; private set; }

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
            Collections++;
        }
    }
}
