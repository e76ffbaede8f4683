using System.Globalization;
using Refilled.Recipes;

namespace Refilled.Data.Sources;

/// <summary>Numbers in the specification of a source: a seed first, then named ones.</summary>
internal static class SpecNumbers
{
    /// <summary>Reads "seed,key=number,…"; every part may be missing. The seed's key is "".</summary>
    /// <param name="kind">The source's kind, for messages.</param>
    /// <param name="text">What stands behind "kind:".</param>
    /// <param name="form">What would be right, for messages.</param>
    /// <param name="known">The keys with their least and greatest numbers.</param>
    /// <exception cref="InputException">It can't be read; the message says what would be right.</exception>
    public static Dictionary<string, int> Read(string kind, string text, string form, params (string Key, int Least, int Most)[] known)
    {
        InputException Bad(string why) => new($"{kind}:{text}: {why}{(why.EndsWith('?') ? "" : ".")} Write {form}.");
        var numbers = new Dictionary<string, int>();
        foreach (var (part, first) in text.Split(',').Select((part, i) => (part, i == 0)))
        {
            if (first && part.Length == 0) continue;
            var (key, value) = part.Split('=', 2) is [var name, var number] ? (name, number) : ("", part);
            if ((key.Length == 0) != first || !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
                throw Bad($"'{part}' can't be read");
            if (!first && known.All(one => one.Key != key))
                throw Bad($"there is no '{key}'.{NearestName.Hint(key, [.. known.Select(one => one.Key)])}");
            numbers[key] = parsed;
        }
        foreach (var (key, least, most) in known)
            if (numbers.TryGetValue(key, out var number) && Check.Range(key, number, least, most).FirstOrDefault() is ({ }, { } message))
                throw Bad($"{key} {message}");
        return numbers;
    }
}
