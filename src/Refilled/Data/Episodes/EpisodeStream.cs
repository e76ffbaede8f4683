namespace Refilled.Data.Episodes;

/// <summary>Few-shot tasks as batches, one each, drawn ahead by a worker in the background.</summary>
/// <remarks>Step s of epoch e is task t = e · <see cref="EpisodeStreamOptions.EpisodesPerEpoch"/> + s of an
/// <see cref="EpisodeSampler"/>: what it yields is a function of the set, the options and t, never of timing. The rows of a batch
/// are the support, then the queries, <c>[K·N + Q·N]</c>, each shot by shot: row s·N + c of either is image s of class c. Labels
/// are the task's classes 0 … N-1. Every image is in its view t, so that no two tasks show an image alike.</remarks>
public sealed class EpisodeStream : IBatchSource
{
    private readonly ImageSet set;
    private readonly EpisodeStreamOptions options;
    private readonly EpisodeSampler sampler;

    /// <inheritdoc cref="EpisodeStream"/>
    /// <exception cref="InputException">The set has fewer classes than N, or a class has fewer images than K + Q.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 1 tasks in an epoch, prefetch is below 0, or a task has more
    /// than 2 GiB.</exception>
    public EpisodeStream(ImageSet set, EpisodeStreamOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.EpisodesPerEpoch, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Prefetch);
        BatchPlan.CheckSize(set, options.Shape.Images, "task");
        (this.set, this.options) = (set, options);
        sampler = new EpisodeSampler(set, options.Shape, options.Seed);
    }

    /// <inheritdoc/>
    public int StepsPerEpoch => options.EpisodesPerEpoch;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The epoch or the step is below 0, or the number of a task exceeds 2³¹ - 1, the
    /// largest number of a view.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(fromStep);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((epoch + 1L) * StepsPerEpoch, 1L + int.MaxValue, nameof(epoch));
        return BatchPlan.Draw(Plans(epoch * StepsPerEpoch, fromStep), set, options.ViewSeed, options.Prefetch);
    }

    private IEnumerable<BatchPlan> Plans(int firstTask, int fromStep)
    {
        for (var step = fromStep; step < StepsPerEpoch; step++)
        {
            var task = firstTask + step;
            yield return new BatchPlan(options.Shape.Images, task, () => Rows(sampler[task]));
        }
    }

    // The support fills whole rows of N, so that the queries' classes follow on.
    private static IEnumerable<(int Position, int Label)> Rows(Episode episode) =>
        episode.Support.Concat(episode.Queries).Select((position, i) => (position, i % episode.Shape.Way));
}

/// <summary>How an <see cref="EpisodeStream"/> draws its tasks.</summary>
public sealed record EpisodeStreamOptions
{
    /// <summary>The size of a task.</summary>
    public required EpisodeShape Shape { get; init; }

    /// <summary>Seed of the tasks; with a task's number it decides its classes and images.</summary>
    public long Seed { get; init; }

    /// <summary>Tasks of an epoch. Default 100 (FEAT).</summary>
    public int EpisodesPerEpoch { get; init; } = 100;

    /// <summary>Seed of the views.</summary>
    public long ViewSeed { get; init; }

    /// <summary>Tasks that are made ready ahead of the one in use, as <see cref="BatchStreamOptions.Prefetch"/>. Default 4.</summary>
    public int Prefetch { get; init; } = 4;
}
