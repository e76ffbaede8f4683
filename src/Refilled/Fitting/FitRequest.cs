using Refilled.Experiments;

namespace Refilled.Fitting;

/// <summary>What a person wants of a fit; everything else is decided from the images and the time.</summary>
public sealed record FitRequest
{
    /// <summary>The data, such as a folder of images for each class; see <see cref="Data.DataCatalog"/>.</summary>
    public required string Data { get; init; }

    /// <summary>How long it may take on this machine. Default 10 minutes.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A teacher of any classes: a run folder, a network file, an ONNX file, a built-in name. Default: none.</summary>
    public string? Teacher { get; init; }

    /// <summary>Images without labels: a folder or archive, or "rest"; see <see cref="Recipe.Unlabelled"/>. Default: none.</summary>
    public string? Unlabelled { get; init; }

    /// <summary>Published weights of the student's architecture to start from, too. Default: none.</summary>
    public string? Start { get; init; }

    /// <summary>The student's network. Default: the largest of a few that meets the limits and has time to learn.</summary>
    public string? Student { get; init; }

    /// <summary>Most bytes of the network in fp32. Default: any.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Most milliseconds for an image by itself, on this machine. Default: any.</summary>
    public double? MaxMilliseconds { get; init; }

    /// <summary>Height and width of the views in pixels. Default 32 for small pictures, else 64.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Classes; see <see cref="Recipe.Classes"/>. Default: all.</summary>
    public string Classes { get; init; } = "all";

    /// <summary>Take the first n training images of each class alone. Default: all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>How many folders name a class. Default: one.</summary>
    public int? Depth { get; init; }

    /// <summary>What says which images belong together; see <see cref="Recipe.GroupBy"/>. Default: nothing.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Whether images that can't be decoded are left out. Default false.</summary>
    public bool SkipBad { get; init; }

    /// <summary>Seed of everything. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Where to compute: cpu, cuda, cuda:n or auto. Default auto.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the engine; 0 takes one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>Number format of the convolutions. Default auto.</summary>
    public PrecisionChoice Precision { get; init; } = PrecisionChoice.Auto;
}
