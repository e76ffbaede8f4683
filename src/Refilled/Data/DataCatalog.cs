using Refilled.Data.Sources;

namespace Refilled.Data;

/// <summary>Reads data by specification: "kind:path".</summary>
public static class DataCatalog
{
    private static readonly Dictionary<string, Func<string, CancellationToken, Dataset>> Sources = new()
    {
        ["cifar100"] = Cifar100.Load,
    };

    /// <summary>The known kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. Sources.Keys];

    /// <summary>Checks the specification's wording, without reading anything.</summary>
    /// <exception cref="InputException">The kind is unknown or the path is missing.</exception>
    public static void Check(string spec) => Parse(spec);

    /// <summary>Reads the data.</summary>
    /// <exception cref="InputException">The specification or what it names can't be used.</exception>
    public static Dataset Load(string spec, CancellationToken cancel = default)
    {
        var (load, path) = Parse(spec);
        return load(path, cancel);
    }

    private static (Func<string, CancellationToken, Dataset> Load, string Path) Parse(string spec)
    {
        var colon = spec.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? spec : spec[..colon];
        if (!Sources.TryGetValue(kind, out var load)) throw new InputException($"There is no kind of data '{kind}'.{NearestName.Hint(kind, Kinds)} Write <kind>:<path>; known kinds: {string.Join(", ", Kinds)}.");
        if (colon < 0 || colon == spec.Length - 1) throw new InputException($"The data '{spec}' lacks a path: write {kind}:<path>.");
        return (load, spec[(colon + 1)..]);
    }
}
