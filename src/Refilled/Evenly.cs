namespace Refilled;

/// <summary>Chooses some of many, evenly spread.</summary>
internal static class Evenly
{
    /// <summary>The first of each of as many equal parts, in order; all where there are no more.</summary>
    /// <param name="all">How many there are.</param>
    /// <param name="most">How many are chosen at most.</param>
    public static IEnumerable<int> Places(int all, int most)
    {
        var count = Math.Min(all, most);
        return Enumerable.Range(0, count).Select(i => (int)((long)i * all / count));
    }
}
