namespace Refilled.Data.Creatures;

/// <summary>Made-up names, each a function of the seed; unique within a world.</summary>
internal static class CreatureNames
{
    private static readonly string[] Starts =
        ["b", "br", "d", "dr", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "z"];
    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "oo"];
    private static readonly string[] Ends = ["", "l", "m", "n", "r", "s", "x", "ck", "nt"];

    /// <summary>Names of genera and species: "brool tanix" is a species of the genus "brool".</summary>
    public static (IReadOnlyList<string> Genera, IReadOnlyList<string> Species) Of(long seed, IReadOnlyList<Species> species)
    {
        var taken = new HashSet<string>();
        var genera = Enumerable.Range(0, species.Max(one => one.Genus) + 1).Select(genus => Fresh(taken, "", seed, genus, -2, 1)).ToList();
        return (genera, [.. species.Select((one, number) => Fresh(taken, genera[one.Genus] + " ", seed, number, -3, 2))]);
    }

    private static string Fresh(HashSet<string> taken, string prefix, long seed, int number, int kind, int syllables)
    {
        var random = new SeededRandom(seed, SeedStream.Species, number, kind);
        while (true)
        {
            var name = prefix;
            for (var i = 0; i < syllables; i++) name += random.Pick<string>(Starts) + random.Pick<string>(Vowels);
            name += random.Pick<string>(Ends);
            if (taken.Add(name)) return name;
            syllables = 2; // A larger world needs longer names.
        }
    }
}
