using System.Text.Json;
using Refilled.Networks;
using Refilled.Recipes;

namespace Refilled.Teachers;

/// <summary>What a small file beside a teacher's says of it: <c>photos.teacher.yaml</c> of <c>photos.pth</c>.</summary>
/// <remarks>Files of other frameworks hold numbers, and seldom what these are for. What isn't given, the format finds in the file, or
/// assumes and says so.</remarks>
internal sealed record TeacherSettings : IValidated
{
    /// <summary>What the name of such a file ends in.</summary>
    public const string Ending = ".teacher.yaml";

    /// <summary>The network of the catalogue that weights are for; see <see cref="NetworkCatalog"/>.</summary>
    public string? Architecture { get; init; }

    /// <summary>Height and width in pixels of the images that it was trained on.</summary>
    public int? Size { get; init; }

    /// <summary>Mean of each channel, of values scaled to [0, 1], in the order of <see cref="Channels"/>.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of each channel, of values scaled to [0, 1], in the order of <see cref="Channels"/>.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>The order of the channels that it reads.</summary>
    public ChannelOrder? Channels { get; init; }

    /// <summary>The name of each logit.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Name of a graph's input.</summary>
    public string? Input { get; init; }

    /// <summary>Name of the tensor of a graph that is the embedding.</summary>
    public string? Embedding { get; init; }

    /// <summary>Name of the tensor of a graph that holds the logits.</summary>
    public string? Logits { get; init; }

    /// <summary>Where the channels stand in a graph's input.</summary>
    public ImageLayout? Layout { get; init; }

    /// <summary>The file that says it; null where there is none.</summary>
    internal string? File { get; init; }

    /// <summary>All that is given, as one line: what decides the answers beside the file itself.</summary>
    internal string Text => JsonSerializer.Serialize(this);

    /// <summary>Where the settings of a file may lie: beside it, by its whole name or without the ending.</summary>
    public static IReadOnlyList<string> PlacesFor(string file) =>
        [.. new[] { file + Ending, Path.ChangeExtension(file, null) + Ending }.Distinct()];

    /// <summary>Reads what lies beside a teacher's file; nothing is given where there is no such file.</summary>
    /// <exception cref="RecipeException">It can't be used; the exception holds everything that is wrong.</exception>
    public static TeacherSettings Of(string file) => PlacesFor(file).FirstOrDefault(System.IO.File.Exists) is { } found
        ? RecipeReader.Read<TeacherSettings>(found, []) with { File = found }
        : new TeacherSettings();

    /// <summary>What it wants to see, red, green, blue: the settings, and where these say nothing, what is usual.</summary>
    public InputSpec Over(InputSpec usual) => usual with
    {
        Height = Size ?? usual.Height,
        Width = Size ?? usual.Width,
        Mean = InOrder(Mean) ?? usual.Mean,
        Std = InOrder(Std) ?? usual.Std,
    };

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Parses("architecture", Architecture, NetworkCatalog.Check),
        .. Check.Range("size", Size, 8, 1024),
        .. Check.Problem(Mean is not { Count: not 3 }, "mean", $"must be three numbers, of values from 0 to 1, not {Mean?.Count}"),
        .. Check.Problem(Std is not { Count: not 3 }, "std", $"must be three numbers, of values from 0 to 1, not {Std?.Count}"),
        .. Check.Problem(Mean is null || Mean.All(mean => mean is >= -1 and <= 1), "mean",
            "is of values scaled to [0, 1]: divide means of values from 0 to 255 by 255"),
        .. Check.Problem(Std is null || Std.All(std => std is > 0 and <= 1), "std",
            "is of values scaled to [0, 1], and positive: divide deviations of values from 0 to 255 by 255"),
        .. Check.Problem(Classes is not { Count: < 2 }, "classes", $"must be a name for each of at least 2 classes, not {Classes?.Count}"),
    ];

    /// <summary>Numbers of the channels as red, green, blue.</summary>
    private IReadOnlyList<double>? InOrder(IReadOnlyList<double>? numbers) =>
        numbers is not null && Channels == ChannelOrder.Bgr ? [.. numbers.Reverse()] : numbers;
}

/// <summary>The order of an image's channels.</summary>
internal enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as OpenCV and Caffe have them.</summary>
    Bgr,
}

/// <summary>Where the channels of a batch of images stand.</summary>
internal enum ImageLayout
{
    /// <summary>Before height and width, as in PyTorch.</summary>
    Nchw,

    /// <summary>Last, as in TensorFlow.</summary>
    Nhwc,
}
