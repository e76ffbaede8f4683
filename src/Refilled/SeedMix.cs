namespace Refilled;

/// <summary>Random numbers as pure functions of a seed and a place, without hidden state.</summary>
/// <remarks>The same arguments give the same number in any order, in any thread, in any version of .NET.</remarks>
internal static class SeedMix
{
    /// <summary>64 mixed bits of a seed, a stream and two counters.</summary>
    /// <remarks>The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), applied to each word in turn.</remarks>
    public static ulong Bits(long seed, SeedStream stream, long a = 0, long b = 0) =>
        Finalise(Finalise(Finalise(Finalise((ulong)seed) + (ulong)stream) + (ulong)a) + (ulong)b);

    /// <summary>A non-negative seed for a generator.</summary>
    public static long Mix(long seed, SeedStream stream, long a = 0, long b = 0) => (long)(Bits(seed, stream, a, b) >> 1);

    /// <summary>The numbers 0 … count-1 in an order that the arguments decide (Fisher–Yates, unbiased).</summary>
    public static int[] Permutation(int count, long seed, SeedStream stream, long a = 0)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        var state = Bits(seed, stream, a);
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)Below((ulong)i + 1, ref state);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <summary>An unbiased number below a bound (Lemire's multiplication with rejection).</summary>
    private static ulong Below(ulong bound, ref ulong state)
    {
        while (true)
        {
            state = Finalise(state);
            var high = Math.BigMul(state, bound, out var low);
            if (low >= bound || low >= (0 - bound) % bound) return high;
        }
    }

    internal static ulong Finalise(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>What a random number is for, so that two uses of one seed are independent.</summary>
internal enum SeedStream
{
    Split = 1,
    TakePerClass,
    HoldOut,
    Order,
    View,
    Weights,
    Classifier,
    Dropout,
    Species,
    Individual,
    Connector,
    Episode,
    ClassGroups,
    People,
    Augmentation,
    Mixing,
    Interleaving,
    Clusters,
    Figures,
}
