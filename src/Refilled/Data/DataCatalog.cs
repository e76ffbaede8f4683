using Refilled.Data.Decoding;
using Refilled.Data.Sources;

namespace Refilled.Data;

/// <summary>Reads data by specification: "kind:path", "generated:seed", or the path of a folder of images.</summary>
/// <remarks>A path may begin with "~", the user's own folder. Where a word is a kind and a path, it is the kind: write ./word for the
/// path.</remarks>
public static class DataCatalog
{
    private const string Folder = "folder";

    private static readonly string[] Endings = [".zip", ".tar.gz", ".tgz", ".csv", ".tsv"];

    private static readonly DataSource[] Sources =
    [
        new("generated", "generated[:<seed>][,classes=<n>]", Generated.Load) { Check = spec => Generated.Spec.Parse(spec) },
        new("letters", "letters[:<seed>][,train=<n>]", Letters.Load) { Check = spec => Letters.Spec.Parse(spec) },
        new(Folder, "<path> or folder:<path>", ImageFolder.Load) { TakesPath = true },
        new("cifar100", "cifar100:<path>", Cifar100.Load) { TakesPath = true },
        new("cub200", "cub200:<path>", Cub200.Load) { TakesPath = true },
        new("tiny-imagenet", "tiny-imagenet:<path>", TinyImageNet.Load) { TakesPath = true },
        new("mini-imagenet", "mini-imagenet:<path>", MiniImageNet.Load) { TakesPath = true },
    ];

    /// <summary>The known kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. Sources.Select(source => source.Kind)];

    /// <summary>How each kind is written.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Sources.Select(source => source.Form)];

    /// <summary>Checks the specification's wording, without reading anything.</summary>
    /// <exception cref="InputException">The kind is unknown or the path is missing.</exception>
    public static void Check(string spec) => Parse(spec);

    /// <summary>Checks what says which images belong together; see <see cref="DataOptions.GroupBy"/>.</summary>
    /// <exception cref="InputException">It can't be read.</exception>
    internal static void CheckGroupBy(string text) => SubjectRule.Parse(text);

    /// <summary>Reads the data.</summary>
    /// <exception cref="InputException">The specification or what it names can't be used.</exception>
    public static Dataset Load(string spec, DataOptions? options = null, CancellationToken cancel = default)
    {
        var (source, argument) = Parse(spec);
        if (options?.ImageSize is < 8 or > 1024)
            throw new InputException($"The image size must be from 8 to 1024 pixels, not {options.ImageSize}.");
        if (options?.Depth is not null && source.Kind != Folder)
            throw new InputException($"The depth says how many folders name a class in a folder of images, and '{spec}' is none. "
                + "Leave it out.");
        if (options?.GroupBy is not null && source.Kind is "generated" or "cifar100") // the others are files
            throw new InputException($"There are no names of files in '{spec}' to group by. Leave group-by out.");
        return source.Load(argument, options ?? new DataOptions(), cancel);
    }

    /// <summary>Reads images that nobody has labelled, as one part of one class.</summary>
    /// <param name="path">A folder or archive; it may begin with "~".</param>
    /// <param name="size">Height and width of the views in pixels.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">It can't be used.</exception>
    internal static Dataset LoadUnlabelled(string path, int size, DataOptions options, CancellationToken cancel) =>
        UnlabelledFolder.Load(Home(path), size, options, cancel);

    /// <summary>A path as it is meant from whatever folder.</summary>
    internal static string AbsolutePath(string path) => Path.GetFullPath(Home(path));

    /// <summary>The same data from whatever folder: a relative path made absolute.</summary>
    internal static string Absolute(string spec)
    {
        var (source, argument) = Parse(spec);
        return source.TakesPath ? $"{source.Kind}:{Path.GetFullPath(argument)}" : spec;
    }

    /// <summary>The folder that the names of a source's files start from; null where none is on disk.</summary>
    internal static string? FolderOf(string spec)
    {
        var (source, argument) = Parse(spec);
        if (!source.TakesPath) return null;
        var path = Path.GetFullPath(argument);
        return Directory.Exists(path) ? path : ImageList.IsList(path) ? Path.GetDirectoryName(path) : null;
    }

    private static (DataSource Source, string Argument) Parse(string spec)
    {
        var end = spec.IndexOfAny([':', ',']);
        var kind = end < 0 ? spec : spec[..end];
        var source = Sources.FirstOrDefault(source => source.Kind == kind);
        if (source is null && IsPath(spec, kind)) return (Sources.First(one => one.Kind == Folder), Home(spec));
        if (source is null)
            throw new InputException($"There is no kind of data '{kind}'.{NearestName.Hint(kind, Kinds)} Known: "
                + $"{string.Join(", ", Forms)}{(kind == spec ? "; and here is no folder or archive of that name" : "")}.");
        var argument = end < 0 ? "" : spec[end] == ':' ? spec[(end + 1)..] : spec[end..];
        source.Check(argument);
        return (source, source.TakesPath ? Home(argument) : argument);
    }

    /// <summary>Whether a specification without a known kind is a path: it is there, or looks like one.</summary>
    private static bool IsPath(string spec, string kind) => Path.Exists(Home(spec))
        || ((kind == spec || kind.Length < 2 || kind.IndexOfAny(['/', '\\']) >= 0)
            && (spec.StartsWith('~') || spec.IndexOfAny(['/', '\\']) >= 0
                || Endings.Any(ending => spec.EndsWith(ending, StringComparison.OrdinalIgnoreCase))));

    /// <summary>A path with the user's own folder for "~".</summary>
    private static string Home(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;

    /// <param name="Kind">The word before the colon.</param>
    /// <param name="Form">How it is written.</param>
    /// <param name="Load">Reads what the rest names.</param>
    private sealed record DataSource(string Kind, string Form, Func<string, DataOptions, CancellationToken, Dataset> Load)
    {
        /// <summary>Whether the rest is a path.</summary>
        public bool TakesPath { get; init; }

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

    /// <summary>Folders that name a class, in a folder of images; null takes one, and asks where that looks wrong.</summary>
    public int? Depth { get; init; }

    /// <summary>What says which images belong together: a column of a list, or a pattern of the files' names. Default: nothing.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Whether decoded images are kept in a file in the user's cache folder. Default: where they don't fit into
    /// memory.</summary>
    /// <remarks>Sources of image files alone; the pixels and their hash are the same either way.</remarks>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>The part of each class's training images that is set aside for the test; 0 leaves the test empty.</summary>
    /// <remarks>Read where a source of image files has no test images.</remarks>
    internal double TestPart { get; init; } = 0.2;

    /// <summary>Classes that there must be; one is enough where nothing is learned.</summary>
    internal int LeastClasses { get; init; } = 2;

    /// <summary>Memory that is there, in bytes; null asks the system.</summary>
    internal long? MemoryBudget { get; init; }

    /// <summary>The cache folder; null takes the user's.</summary>
    internal string? CacheFolder { get; init; }
}
