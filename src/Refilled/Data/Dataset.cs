namespace Refilled.Data;

/// <summary>A source, read whole.</summary>
/// <param name="Name">Kind of the data, such as "cifar100".</param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images, of the same classes.</param>
/// <param name="Groups">Groups of related classes, or null where the source has none.</param>
/// <param name="Hash">SHA-256 (hex) of names, labels and pixels, however they were packed.</param>
/// <param name="Notes">Remarks for the user; never errors.</param>
public sealed record Dataset(string Name, ImageSet Train, ImageSet Test, ClassGroups? Groups, string Hash, IReadOnlyList<string> Notes);
