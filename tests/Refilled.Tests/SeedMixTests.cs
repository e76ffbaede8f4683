using CsCheck;

namespace Refilled.Tests;

public class SeedMixTests
{
    /// <summary>SplitMix64 as its authors state it: a counter that grows by the golden ratio, and a finaliser.</summary>
    private static ulong[] SplitMix64(ulong state, int count)
    {
        var numbers = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            state = unchecked(state + 0x9e3779b97f4a7c15UL);
            var z = state;
            z = unchecked((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL);
            z = unchecked((z ^ (z >> 27)) * 0x94d049bb133111ebUL);
            numbers[i] = z ^ (z >> 31);
        }
        return numbers;
    }

    [Fact]
    public void Bits_nest_the_published_finaliser()
    {
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], SplitMix64(1234567, 3)); // published
        Gen.Select(Gen.Long, Gen.Long, Gen.Long).Sample((seed, a, b) =>
        {
            var bits = (ulong)seed;
            foreach (var word in new[] { (ulong)SeedStream.View, (ulong)a, (ulong)b }) bits = unchecked(SplitMix64(bits, 1)[0] + word);
            Assert.Equal(SplitMix64(bits, 1)[0], SeedMix.Bits(seed, SeedStream.View, a, b));
        }, iter: 200);
    }

    [Fact]
    public void Neighbouring_places_and_other_streams_give_unlike_bits()
    {
        var seen = new HashSet<ulong>();
        foreach (var stream in Enum.GetValues<SeedStream>())
            for (var a = -10; a < 10; a++)
                for (var b = -10; b < 10; b++) seen.Add(SeedMix.Bits(5, stream, a, b));
        Assert.Equal(Enum.GetValues<SeedStream>().Length * 400, seen.Count);
        var flipped = Enumerable.Range(0, 1000).Average(i =>
            System.Numerics.BitOperations.PopCount(SeedMix.Bits(1, SeedStream.Order, i) ^ SeedMix.Bits(1, SeedStream.Order, i + 1)));
        Assert.InRange(flipped, 31.5, 32.5); // 32 expected, standard deviation 0.13
    }

    [Fact]
    public void A_permutation_holds_every_number_once() =>
        Gen.Select(Gen.Int[0, 300], Gen.Long, Gen.Long).Sample((count, seed, a) =>
        {
            var order = SeedMix.Permutation(count, seed, SeedStream.Order, a);
            Assert.Equal(Enumerable.Range(0, count), order.Order());
            Assert.Equal(order, SeedMix.Permutation(count, seed, SeedStream.Order, a));
        }, iter: 200);

    [Fact]
    public void All_permutations_are_equally_likely()
    {
        var counts = Enumerable.Range(0, 24_000).Select(i => string.Join(' ', SeedMix.Permutation(4, 3, SeedStream.Order, i)))
            .CountBy(order => order).ToList();
        Assert.Equal(24, counts.Count);
        Assert.All(counts, pair => Assert.InRange(pair.Value, 840, 1160)); // 1000 expected, standard deviation 31
    }

    // Every order of a published run hangs on these numbers.
    [Fact]
    public void The_order_of_seed_0_is_what_it_was() =>
        Assert.Equal("5 9 3 8 1 7 0 6 2 4", string.Join(' ', SeedMix.Permutation(10, 0, SeedStream.Order)));
}
