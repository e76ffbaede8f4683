using Refilled.Data.Decoding;
using Refilled.Data.Sources;

namespace Refilled.Data;

/// <summary>Reads data by specification: "kind:path", or "generated:seed".</summary>
public static class DataCatalog
{
    private static readonly DataSource[] Sources =
    [
        new("generated", "generated[:<seed>][,classes=<n>]", Generated.Load) { Check = spec => Generated.Spec.Parse(spec) },
        new("letters", "letters[:<seed>][,train=<n>]", Letters.Load) { Check = spec => Letters.Spec.Parse(spec) },
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
        if (options?.ImageSize is < 8 or > 1024)
            throw new InputException($"The image size must be from 8 to 1024 pixels, not {options.ImageSize}.");
        return source.Load(argument, options ?? new DataOptions(), cancel);
    }

    private static (DataSource Source, string Argument) Parse(string spec)
    {
        var end = spec.IndexOfAny([':', ',']);
        var kind = end < 0 ? spec : spec[..end];
        var source = Sources.FirstOrDefault(source => source.Kind == kind)
            ?? throw new InputException($"There is no kind of data '{kind}'.{NearestName.Hint(kind, Kinds)} Known: "
                + $"{string.Join(", ", Forms)}.");
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

/// <summary>How a source is to be read.</summary>
public sealed record DataOptions
{
    /// <summary>Height and width of the views in pixels, from 8 to 1024; null takes the source's own.</summary>
    /// <remarks>CIFAR-100 and the generated set have 32, Tiny-ImageNet and folders 64, mini-ImageNet 84, CUB-200 224.</remarks>
    public int? ImageSize { get; init; }

    /// <summary>Whether images that can't be decoded are left out, instead of being an error.</summary>
    public bool SkipBad { get; init; }

    /// <summary>Whether decoded images are kept in a file in the user's cache folder. Default: where they don't fit into
    /// memory.</summary>
    /// <remarks>Sources of image files alone; the pixels and their hash are the same either way.</remarks>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>The part of each class's training images that is set aside for the test; 0 leaves the test empty.</summary>
    /// <remarks>Read where a source of image files has no test images.</remarks>
    internal double TestPart { get; init; } = 0.2;

    /// <summary>Memory that is there, in bytes; null asks the system.</summary>
    internal long? MemoryBudget { get; init; }

    /// <summary>The cache folder; null takes the user's.</summary>
    internal string? CacheFolder { get; init; }
}
