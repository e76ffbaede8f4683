namespace Refilled.Data;

/// <summary>How a source is to be read.</summary>
public sealed record DataOptions
{
    /// <summary>Height and width of the views in pixels, from 8 to 1024; null takes the source's own: CIFAR-100 and the
    /// generated set 32, Tiny-ImageNet and folders 64, mini-ImageNet 84, CUB-200 224.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Whether images that can't be decoded are left out, instead of being an error.</summary>
    public bool SkipBad { get; init; }
}
