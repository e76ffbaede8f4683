using System.Globalization;
using System.Text.RegularExpressions;

namespace Refilled.Networks;

/// <summary>Makes networks by name: "wrn-16-1" is a <see cref="WideResNet"/> of depth 16 and width 1.</summary>
public static partial class NetworkCatalog
{
    /// <summary>Usual names, for help texts and hints; every "wrn-(6n+4)-w" can be made.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["wrn-10-1", "wrn-10-2", "wrn-16-1", "wrn-16-2", "wrn-22-1", "wrn-28-1", "wrn-28-10", "wrn-40-1", "wrn-40-2"];

    /// <summary>Makes the network of that name with fresh weights.</summary>
    /// <exception cref="InputException">There is no such network; the message holds the nearest name.</exception>
    public static EmbeddingNetwork Create(string name, NetworkOptions options)
    {
        var (depth, width) = Parse(name);
        return new WideResNet(depth, width, options);
    }

    /// <summary>Throws what <see cref="Create"/> would throw for a name, without making the network.</summary>
    /// <exception cref="InputException">There is no such network.</exception>
    public static void Check(string name) => Parse(name);

    private static (int Depth, int Width) Parse(string name)
    {
        var match = WideResNetName().Match(name);
        if (!match.Success) throw new InputException($"There is no network '{name}'.{NearestName.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
        var depth = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var width = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        if (depth < 10 || (depth - 4) % 6 != 0 || width < 1)
            throw new InputException($"There is no network '{name}': a WideResNet's depth is 6n + 4 (10, 16, 22, 28, 40 …) and its width at least 1.{NearestName.Hint(name, Names)}");
        return (depth, width);
    }

    [GeneratedRegex("^wrn-([0-9]{1,3})-([0-9]{1,3})$", RegexOptions.CultureInvariant)]
    private static partial Regex WideResNetName();
}
