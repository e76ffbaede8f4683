using Refilled.Data.Sources;

namespace Refilled.Data;

/// <summary>Reads data by specification: "kind:path", or "generated:seed".</summary>
public static class DataCatalog
{
    private static readonly DataSource[] Sources =
    [
        new("generated", "generated[:<seed>][,classes=<n>]", Generated.Load) { Check = spec => Generated.Spec.Parse(spec) },
        new("folder", "folder:<path>", ImageFolder.Load),
        new("cifar100", "cifar100:<path>", Cifar100.Load),
        new("cub200", "cub200:<path>", Cub200.Load),
        new("tiny-imagenet", "tiny-imagenet:<path>", TinyImageNet.Load),
        new("mini-imagenet", "mini-imagenet:<path>", MiniImageNet.Load),
    ];

    /// <summary>The known kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. Sources.Select(source => source.Kind)];

    /// <summary>How each kind is written.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Sources.Select(source => source.Form)];

    /// <summary>Checks the specification's wording, without reading anything.</summary>
    /// <exception cref="InputException">The kind is unknown or the path is missing.</exception>
    public static void Check(string spec) => Parse(spec);

    /// <summary>Reads the data.</summary>
    /// <exception cref="InputException">The specification or what it names can't be used.</exception>
    public static Dataset Load(string spec, DataOptions? options = null, CancellationToken cancel = default)
    {
        var (source, argument) = Parse(spec);
        if (options?.ImageSize is < 8 or > 1024) throw new InputException($"The image size must be from 8 to 1024 pixels, not {options.ImageSize}.");
        return source.Load(argument, options ?? new DataOptions(), cancel);
    }

    private static (DataSource Source, string Argument) Parse(string spec)
    {
        var end = spec.IndexOfAny([':', ',']);
        var kind = end < 0 ? spec : spec[..end];
        var source = Sources.FirstOrDefault(source => source.Kind == kind)
            ?? throw new InputException($"There is no kind of data '{kind}'.{NearestName.Hint(kind, Kinds)} Known: {string.Join(", ", Forms)}.");
        var argument = end < 0 ? "" : spec[end] == ':' ? spec[(end + 1)..] : spec[end..];
        source.Check(argument);
        return (source, argument);
    }

    /// <param name="Kind">The word before the colon.</param>
    /// <param name="Form">How it is written.</param>
    /// <param name="Load">Reads what the rest names.</param>
    private sealed record DataSource(string Kind, string Form, Func<string, DataOptions, CancellationToken, Dataset> Load)
    {
        /// <summary>Checks the rest's wording.</summary>
        public Action<string> Check { get; init; } = path =>
        {
            if (path.Length == 0) throw new InputException($"The data '{Kind}' lacks a path: write {Form}.");
        };
    }
}
