namespace Refilled.Data;

/// <summary>Groups of related classes, such as CIFAR-100's superclasses.</summary>
/// <param name="Names">The name of each group.</param>
/// <param name="GroupOf">The group of each class.</param>
public sealed record ClassGroups(IReadOnlyList<string> Names, IReadOnlyList<int> GroupOf);
