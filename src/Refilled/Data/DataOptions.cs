using Refilled.Data.Decoding;

namespace Refilled.Data;

/// <summary>How a source is to be read.</summary>
public sealed record DataOptions
{
    /// <summary>Height and width of the views in pixels, from 8 to 1024; null takes the source's own: CIFAR-100 and the
    /// generated set 32, Tiny-ImageNet and folders 64, mini-ImageNet 84, CUB-200 224.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Whether images that can't be decoded are left out, instead of being an error.</summary>
    public bool SkipBad { get; init; }

    /// <summary>Whether decoded images are kept in a file in the user's cache folder. Default: where they don't fit into memory.
    /// Sources of image files alone; the pixels and their hash are the same either way.</summary>
    public DecodedCacheMode DecodedCache { get; init; }

    /// <summary>The part of each class's training images that is set aside for the test where a source of image files has no test images; 0
    /// leaves the test empty.</summary>
    internal double TestPart { get; init; } = 0.2;

    /// <summary>Memory that is there, in bytes; null asks the system.</summary>
    internal long? MemoryBudget { get; init; }

    /// <summary>The cache folder; null takes the user's.</summary>
    internal string? CacheFolder { get; init; }
}
