using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>A source, read whole.</summary>
/// <param name="Name">Kind of the data, such as "cifar100".</param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images, of the same classes.</param>
/// <param name="Groups">Groups of related classes, or null where the source has none.</param>
/// <param name="Hash">SHA-256 (hex) of names, labels and pixels, however they were packed.</param>
/// <param name="Notes">Remarks for the user; never errors.</param>
public sealed record Dataset(string Name, ImageSet Train, ImageSet Test, ClassGroups? Groups, string Hash, IReadOnlyList<string> Notes)
{
    /// <summary>Images for choosing the best epoch, of the same classes, where the source has such a part; else null, and a
    /// part of the training images is held out.</summary>
    public ImageSet? Validation { get; init; }

    /// <summary>What networks trained on this source normalise by. Default: ImageNet's.</summary>
    public ChannelStatistics Statistics { get; init; } = ChannelStatistics.ImageNet;

    /// <summary>The sizes that the images had before they were decoded, where they are files; else null.</summary>
    public SizeRange? Sizes { get; init; }

    /// <summary>Files that were left out because they can't be decoded.</summary>
    public IReadOnlyList<BadFile> Bad { get; init; } = [];

    /// <summary>All images of some classes, whatever part of the source they are in, relabelled 0, 1, … in the order given.</summary>
    /// <exception cref="InputException">A class has no training or no test images.</exception>
    /// <exception cref="InvalidOperationException">The parts don't share a store.</exception>
    public ImageSet Joined(IReadOnlyList<int> classes)
    {
        var parts = new[] { Train, Validation, Test }.OfType<ImageSet>().Select(part => part.OfClasses(classes)).ToList();
        if (parts.Any(part => part.Store != parts[0].Store)) throw new InvalidOperationException($"The parts of {Name} don't share a store.");
        return new ImageSet(parts[0].Store, [.. parts.SelectMany(part => part.SampleIds)], [.. parts.SelectMany(part => part.Labels)], parts[0].ClassNames);
    }
}
