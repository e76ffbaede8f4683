using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Refilled.Data;

/// <summary>Has items filled ahead of their reader, by a thread of its own, in their order.</summary>
/// <remarks><para>The reader makes the blanks and disposes of what it read, so that their memory is taken and given back by one
/// thread: the C library hands it out again at once. Taken by the worker, it came from the system anew each time, page by page,
/// which took longer than filling it.</para>
/// <para>The thread isn't one of the pool: these may all be busy with parallel work of the reader, which then waits for a worker
/// that waits for it.</para></remarks>
internal static class Ahead
{
    /// <summary>The filled items.</summary>
    /// <remarks>What goes wrong while an item is filled is thrown where it would have been read. Leaving early stops the worker,
    /// and waits for it.</remarks>
    /// <param name="blanks">Made on the reader's thread, from when the first item is asked for.</param>
    /// <param name="fill">Fills one; called by the worker alone, where there is one.</param>
    /// <param name="count">Items that are filled ahead of the one in use; with 0 there is no worker, and the reader fills each when it
    /// asks for it.</param>
    public static IEnumerable<T> Of<T>(IEnumerable<T> blanks, Action<T> fill, int count) where T : IDisposable =>
        count == 0 ? OnDemand(blanks, fill) : InBackground(blanks, fill, count);

    private static IEnumerable<T> OnDemand<T>(IEnumerable<T> blanks, Action<T> fill) where T : IDisposable
    {
        foreach (var blank in blanks)
        {
            try
            {
                fill(blank);
            }
            catch
            {
                blank.Dispose();
                throw;
            }
            yield return blank;
        }
    }

    private static IEnumerable<T> InBackground<T>(IEnumerable<T> blanks, Action<T> fill, int count) where T : IDisposable
    {
        using var worker = new Worker<T>(fill);
        using var source = blanks.GetEnumerator();
        for (var ahead = 0; ; ahead--)
        {
            for (; ahead <= count && source.MoveNext(); ahead++) worker.Add(source.Current);
            if (ahead == 0) yield break;
            yield return worker.Take();
        }
    }

    private sealed class Worker<T> : IDisposable where T : IDisposable
    {
        private readonly BlockingCollection<T> blank = [], filled = [];
        private readonly Action<T> fill;
        private readonly Thread thread;
        private Exception? mishap;
        private volatile bool stopped;

        public Worker(Action<T> fill)
        {
            this.fill = fill;
            thread = new Thread(Work) { IsBackground = true, Name = "refilled batches" };
            thread.Start();
        }

        public void Add(T item) => blank.Add(item);

        /// <summary>Waits on the reader's own thread: dispose scopes belong to threads.</summary>
        public T Take()
        {
            if (!filled.TryTake(out var item, Timeout.Infinite)) ExceptionDispatchInfo.Throw(mishap!);
            return item;
        }

        public void Dispose()
        {
            stopped = true;
            blank.CompleteAdding();
            thread.Join();
            foreach (var item in filled.Concat(blank)) item.Dispose();
            blank.Dispose();
            filled.Dispose();
        }

        private void Work()
        {
            foreach (var item in blank.GetConsumingEnumerable())
            {
                try
                {
                    if (!stopped) fill(item);
                }
#pragma warning disable CA1031 // Whatever went wrong is thrown again where the item is read.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    mishap = e;
                    item.Dispose();
                    break;
                }
                filled.Add(item);
            }
            filled.CompleteAdding();
        }
    }
}
