using static TorchSharp.torch;

namespace Refilled.Teachers;

/// <summary>What a <see cref="CachedTeacher"/> keeps, and where.</summary>
public sealed record CacheOptions
{
    /// <summary>The content hash of the data that the images are from.</summary>
    public required string DataHash { get; init; }

    /// <summary>Seed of the views.</summary>
    public long ViewSeed { get; init; }

    /// <summary>Views of each image that are looked for in the folder at once, K. Default 8.</summary>
    public int Views { get; init; } = 8;

    /// <summary>Where views are kept in files that are mapped into memory and shared by runs; null keeps them in memory, for
    /// this run alone.</summary>
    public string? Folder { get; init; }

    /// <summary>Where signals shall be. Default: the CPU.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Images that the teacher sees at once while a view is filled. Default 128.</summary>
    public int Block { get; init; } = 128;
}
