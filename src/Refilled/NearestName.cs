namespace Refilled;

/// <summary>Finds the name that a misspelt one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the smallest edit distance to <paramref name="name"/>, or null where none is near.</summary>
    /// <remarks>Further than half the longer length is not near.</remarks>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(candidate => (candidate, distance: Distance(name, candidate)))
            .OrderBy(pair => pair.distance).ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.candidate is not null && best.distance <= Math.Max(name.Length, best.candidate.Length) / 2 ? best.candidate : null;
    }

    /// <summary>" Did you mean 'x'?" for the nearest candidate, or an empty string.</summary>
    public static string Hint(string name, IEnumerable<string> candidates) =>
        Find(name, candidates) is { } near ? $" Did you mean '{near}'?" : "";

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.Length];
    }
}
