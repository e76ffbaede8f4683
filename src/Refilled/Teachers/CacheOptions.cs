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

    /// <summary>Where files of views are, mapped into memory and shared by runs; null keeps views in memory, for this
    /// run.</summary>
    public string? Folder { get; init; }

    /// <summary>Number format of kept embeddings, in files and in memory. Default fp32. Logits are kept in fp32.</summary>
    public CachePrecision Precision { get; init; }

    /// <summary>Whether the teacher stays the caller's to free, as where two caches are around one. Default false.</summary>
    internal bool LeavesTeacher { get; init; }

    /// <summary>Where signals shall be. Default: the CPU.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Images that the teacher sees at once while a view is filled. Default 128.</summary>
    public int Block { get; init; } = 128;
}

/// <summary>Number format of kept embeddings.</summary>
public enum CachePrecision
{
    /// <summary>As the teacher gave them.</summary>
    Fp32,

    /// <summary>Half the bytes: each number from 6.1e-5 to 65,504 is off by at most 2⁻¹¹ of itself.</summary>
    Fp16,
}
