namespace Refilled.Data;

/// <summary>Which classes are the teacher's and which the student's, each in ascending order.</summary>
/// <param name="Teacher">The teacher's classes.</param>
/// <param name="Student">The student's classes.</param>
public sealed record ClassSplit(IReadOnlyList<int> Teacher, IReadOnlyList<int> Student)
{
    /// <summary>"Easy": seeded random halves; of an odd number the student gets one more.</summary>
    public static ClassSplit Easy(int classes, int seed) => Overlapping(classes, 0, seed);

    /// <summary>"Hard": the first groups to the teacher, the rest to the student, so that no group straddles them.</summary>
    /// <remarks>Cut where the two sides are most nearly equal.</remarks>
    public static ClassSplit Hard(ClassGroups groups)
    {
        var sizes = groups.Names.Select((_, group) => groups.GroupOf.Count(g => g == group)).ToList();
        var cut = Enumerable.Range(1, Math.Max(1, sizes.Count - 1))
            .MinBy(count => Math.Abs(2 * sizes.Take(count).Sum() - groups.GroupOf.Count));
        var classes = Enumerable.Range(0, groups.GroupOf.Count).ToLookup(c => groups.GroupOf[c] < cut);
        return new ClassSplit([.. classes[true]], [.. classes[false]]);
    }

    /// <summary>Seeded random halves that share exactly <paramref name="shared"/> classes: that many of the student's own
    /// are replaced by the teacher's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More are to be shared than half of the classes.</exception>
    public static ClassSplit Overlapping(int classes, int shared, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shared);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shared, classes / 2);
        var order = SeedMix.Permutation(classes, seed, SeedStream.Split);
        var half = classes / 2;
        return new ClassSplit([.. order.Take(half).Order()], [.. order.Skip(half - shared).Take(classes - half).Order()]);
    }
}
