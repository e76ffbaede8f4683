using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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
    /// <summary>Images for choosing the best epoch, of the same classes, where the source has such a part.</summary>
    /// <remarks>Else null, and a part of the training images is held out.</remarks>
    public ImageSet? Validation { get; init; }

    /// <summary>What networks trained on this source normalise by. Default: ImageNet's.</summary>
    public ChannelStatistics Statistics { get; init; } = ChannelStatistics.ImageNet;

    /// <summary>The sizes that the images had before they were decoded, where they are files; else null.</summary>
    public SizeRange? Sizes { get; init; }

    /// <summary>Files that were left out because they can't be decoded.</summary>
    public IReadOnlyList<BadFile> Bad { get; init; } = [];

    /// <summary>The file of each image of the store, where the images are files; else null.</summary>
    internal IReadOnlyList<string>? FileNames { get; init; }

    /// <summary>Number of images of all parts.</summary>
    internal int Count => Parts.Sum(part => part.Set.Count);

    /// <summary>The parts that there are, the training images first.</summary>
    internal IEnumerable<(Part Part, ImageSet Set)> Parts
    {
        get
        {
            yield return (Part.Train, Train);
            if (Validation is not null) yield return (Part.Validation, Validation);
            yield return (Part.Test, Test);
        }
    }

    /// <summary>All images of some classes, of every part of the source, relabelled 0, 1, … in the order given.</summary>
    /// <exception cref="InputException">A class has no training or no test images.</exception>
    /// <exception cref="InvalidOperationException">The parts don't share a store.</exception>
    public ImageSet Joined(IReadOnlyList<int> classes)
    {
        var parts = Parts.Select(part => part.Set.OfClasses(classes)).ToList();
        if (parts.Any(part => part.Store != parts[0].Store))
            throw new InvalidOperationException($"The parts of {Name} don't share a store.");
        return new ImageSet(parts[0].Store, [.. parts.SelectMany(part => part.SampleIds)],
            [.. parts.SelectMany(part => part.Labels)], parts[0].ClassNames) { SubjectOf = parts[0].SubjectOf };
    }
}

/// <summary>An image file that can't be used.</summary>
/// <param name="Name">Its path within the source.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadFile(string Name, string Reason);

/// <summary>Groups of related classes, such as CIFAR-100's superclasses.</summary>
/// <param name="Names">The name of each group.</param>
/// <param name="GroupOf">The group of each class.</param>
public sealed record ClassGroups(IReadOnlyList<string> Names, IReadOnlyList<int> GroupOf);

/// <summary>Mean and standard deviation of each channel, of values scaled to [0, 1].</summary>
/// <remarks>What networks trained on a source normalise by.</remarks>
/// <param name="Mean">Red, green, blue.</param>
/// <param name="Std">Red, green, blue.</param>
public sealed record ChannelStatistics(IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>CIFAR-100's training images, as usually quoted.</summary>
    public static ChannelStatistics Cifar100 { get; } = new([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]);

    /// <summary>ImageNet's, the usual choice for photographs.</summary>
    public static ChannelStatistics ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
}

/// <summary>The hash of a source's content: class names, and of each part the labels and decoded pixels.</summary>
internal static class DatasetHash
{
    public static string Of(CancellationToken cancel, params ReadOnlySpan<ImageSet?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part?.Count ?? -1));
            if (part is null) continue;
            foreach (var name in part.ClassNames) hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            hash.AppendData(MemoryMarshal.AsBytes<int>(part.Labels.ToArray()));
            foreach (var id in part.SampleIds)
            {
                cancel.ThrowIfCancellationRequested();
                var shape = part.Store.ShapeOf(id);
                hash.AppendData(MemoryMarshal.AsBytes<int>([shape.Channels, shape.Height, shape.Width]));
                part.Store.AppendTo(hash, id);
            }
            // They decide what is held out of the same images.
            if (part.SubjectOf is { } subjects)
                hash.AppendData(MemoryMarshal.AsBytes<int>([.. part.SampleIds.Select(id => subjects[(int)id])]));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
