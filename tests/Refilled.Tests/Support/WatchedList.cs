using System.Collections;

namespace Refilled.Tests.Support;

/// <summary>The numbers 0 … count-1 as a list that tells the test when it is read, from whatever thread.</summary>
internal sealed class WatchedList(int count, Action<int> onRead) : IReadOnlyList<long>
{
    private int reads, reading;

    /// <summary>Reads by index so far.</summary>
    public int Reads => Volatile.Read(ref reads);

    /// <summary>Reads that are going on now.</summary>
    public int Reading => Volatile.Read(ref reading);

    public int Count => count;

    public long this[int index]
    {
        get
        {
            Interlocked.Increment(ref reads);
            Interlocked.Increment(ref reading);
            try
            {
                onRead(index);
                return index;
            }
            finally
            {
                Interlocked.Decrement(ref reading);
            }
        }
    }

    public IEnumerator<long> GetEnumerator()
    {
        for (long i = 0; i < count; i++) yield return i;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
