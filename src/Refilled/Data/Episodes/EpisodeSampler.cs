namespace Refilled.Data.Episodes;

/// <summary>Draws few-shot tasks from a set.</summary>
/// <remarks>Task t is a function of the set, the shape, the seed and t alone. Of two shapes that differ in their shots alone, the
/// same task has the same classes and queries, and the fewer shots are a part of the more.</remarks>
public sealed class EpisodeSampler
{
    private readonly int[][] members;

    /// <inheritdoc cref="EpisodeSampler"/>
    /// <param name="set">The images to draw from.</param>
    /// <param name="shape">The size of a task.</param>
    /// <param name="seed">Decides, with the number of a task, what is drawn.</param>
    /// <exception cref="InputException">The set has fewer classes than N, or a class has fewer images than K + Q.</exception>
    public EpisodeSampler(ImageSet set, EpisodeShape shape, long seed)
    {
        (Shape, Seed) = (shape, seed);
        if (set.Classes < shape.Way)
            throw new InputException($"A task of {shape.Way} classes can't be drawn from {set.Classes}; "
                + "choose more classes, or fewer with --way.");
        var positions = Enumerable.Range(0, set.Count).ToLookup(i => set.Labels[i]);
        members = [.. Enumerable.Range(0, set.Classes).Select(c => positions[c].ToArray())];
        var poor = Enumerable.Range(0, set.Classes).Where(c => members[c].Length < shape.Shot + shape.Query).ToList();
        if (poor.Count > 0)
            throw new InputException($"The class '{set.ClassNames[poor[0]]}'{(poor.Count > 1 ? $" (and {poor.Count - 1} more)" : "")} "
                + $"has {members[poor[0]].Length} images; {shape.Shot} shots and {shape.Query} queries need "
                + $"{shape.Shot + shape.Query} of each class.");
    }

    /// <summary>The size of a task.</summary>
    public EpisodeShape Shape { get; }

    /// <summary>What decides, with the number of a task, what is drawn.</summary>
    public long Seed { get; }

    /// <summary>The task of a number.</summary>
    public Episode this[long task]
    {
        get
        {
            var classes = SeedMix.Permutation(members.Length, Seed, SeedStream.Episode, task)[..Shape.Way];
            var (support, queries) = (new int[Shape.Shot * Shape.Way], new int[Shape.Query * Shape.Way]);
            for (var c = 0; c < Shape.Way; c++)
            {
                var own = members[classes[c]];
                // Queries first, so that they don't depend on the shots.
                var order = SeedMix.Permutation(own.Length,
                    SeedMix.Mix(Seed, SeedStream.Episode, task, 1 + classes[c]), SeedStream.Episode);
                for (var q = 0; q < Shape.Query; q++) queries[q * Shape.Way + c] = own[order[q]];
                for (var s = 0; s < Shape.Shot; s++) support[s * Shape.Way + c] = own[order[Shape.Query + s]];
            }
            return new Episode(Shape, classes, support, queries);
        }
    }
}
