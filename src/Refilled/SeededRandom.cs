namespace Refilled;

/// <summary>A short sequence of random numbers that a seed, a stream and two counters decide.</summary>
/// <remarks>Only +, −, ×, ÷ are used, so that the numbers are the same on every machine.</remarks>
internal struct SeededRandom(long seed, SeedStream stream, long a = 0, long b = 0)
{
    private ulong state = SeedMix.Bits(seed, stream, a, b);

    /// <summary>64 fresh bits.</summary>
    public ulong Bits() => state = SeedMix.Finalise(state);

    /// <summary>Uniform in [0, 1).</summary>
    public double Next() => (Bits() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform between two numbers.</summary>
    public double Between(double low, double high) => low + (high - low) * Next();

    /// <summary>Uniform in 0 … count-1.</summary>
    public int Below(int count) => (int)(((Bits() >> 32) * (ulong)count) >> 32);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => Next() < probability;

    /// <summary>Close to normal with mean 0 and deviation 1, never more than 3.5 from 0.</summary>
    /// <remarks>The scaled sum of four uniform numbers.</remarks>
    public double Bell() => (Next() + Next() + Next() + Next() - 2) * 1.7320508075688772;

    /// <summary>One of some values.</summary>
    public T Pick<T>(ReadOnlySpan<T> values) => values[Below(values.Length)];
}
