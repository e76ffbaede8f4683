using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>The batches of a set, drawn ahead by a worker in the background.</summary>
/// <remarks>What it yields is a function of the set and the options, never of timing.</remarks>
public sealed class BatchStream : IBatchSource
{
    /// <summary>Images in a pass that needs no gradient, as a rule.</summary>
    internal const int EvaluationSize = 256;

    private readonly ImageSet set;
    private readonly BatchStreamOptions options;

    /// <inheritdoc cref="BatchStream"/>
    /// <exception cref="ArgumentOutOfRangeException">The batch size or the images per class are below 1, prefetch or views are
    /// below 0, or a batch has more than 2 GiB.</exception>
    public BatchStream(ImageSet set, BatchStreamOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Prefetch);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Views);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PerClass, 1);
        (this.set, this.options) = (set, options);
        if (set.Count > 0) BatchPlan.CheckSize(set, Math.Max(SizeOf(0), SizeOf(StepsPerEpoch - 1)), "batch");
    }

    /// <inheritdoc/>
    public int StepsPerEpoch => options.FixedView is null ? Steps(set.Count, options.BatchSize) : Batches(set.Count, options.BatchSize);

    /// <summary>The set in its own order, in the evaluation view.</summary>
    public static BatchStream Evaluation(ImageSet set, int batchSize = EvaluationSize) =>
        new(set, new BatchStreamOptions { BatchSize = batchSize, FixedView = View.Evaluation });

    /// <summary>Batches in an epoch of training: a last image that would be alone joins the batch before it.</summary>
    /// <remarks>Batch norm takes the variance of a map of one pixel over the images, and that of a single one is no number.</remarks>
    internal static int Steps(int images, int batchSize) =>
        batchSize > 1 && images > batchSize && images % batchSize == 1 ? images / batchSize : Batches(images, batchSize);

    /// <summary>The view that an epoch shows.</summary>
    public int ViewOf(int epoch)
    {
        if (options.FixedView is { } given) return given;
        var number = options.Views == 0 ? epoch : epoch % options.Views;
        return options.Mixed && set.Mixing is not null ? View.MixedOf(number) : number;
    }

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(int epoch, int fromStep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(fromStep);
        return BatchPlan.Draw(Plans(epoch, fromStep), set, options.ViewSeed, options.Prefetch);
    }

    private IEnumerable<BatchPlan> Plans(int epoch, int fromStep)
    {
        var order = options.FixedView is not null ? null : Order(epoch);
        for (var step = fromStep; step < StepsPerEpoch; step++)
        {
            var (from, size) = (step * options.BatchSize, SizeOf(step));
            yield return new BatchPlan(size, ViewOf(epoch), () => Enumerable.Range(from, size)
                .Select(i => order is null ? i : order[i]).Select(position => (position, set.Labels[position])));
        }
    }

    private int SizeOf(int step) => step + 1 == StepsPerEpoch ? set.Count - step * options.BatchSize : options.BatchSize;

    private static int Batches(int images, int batchSize) => (int)(((long)images + batchSize - 1) / batchSize);

    /// <summary>An epoch's order: free, or in groups of one class each, the groups in an order that is free.</summary>
    private int[] Order(int epoch)
    {
        var free = SeedMix.Permutation(set.Count, options.OrderSeed, SeedStream.Order, epoch);
        if (options.PerClass == 1) return free;
        var groups = free.GroupBy(position => set.Labels[position]).OrderBy(own => own.Key)
            .SelectMany(own => own.Chunk(options.PerClass)).ToList();
        return [.. SeedMix.Permutation(groups.Count, options.OrderSeed, SeedStream.ClassGroups, epoch).SelectMany(i => groups[i])];
    }
}

/// <summary>How a <see cref="BatchStream"/> orders and draws its images.</summary>
public sealed record BatchStreamOptions
{
    /// <summary>Images in a batch; the last of an epoch may be smaller, or larger by one. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Seed of the order; with the epoch it decides it.</summary>
    public int OrderSeed { get; init; }

    /// <summary>Seed of the views.</summary>
    public long ViewSeed { get; init; }

    /// <summary>Views of each image: epoch e uses view e mod Views. 0 makes a fresh view each epoch. Default 8.</summary>
    public int Views { get; init; } = 8;

    /// <summary>Whether views are mixed where the set's are; see <see cref="ImageSet.With"/>. Default true.</summary>
    public bool Mixed { get; init; } = true;

    /// <summary>Images of one class that stand together in the order; 1 mixes freely. Default 1.</summary>
    /// <remarks>A batch of B images then has about B / n classes with n each; every image still comes once an epoch.</remarks>
    public int PerClass { get; init; } = 1;

    /// <summary>Batches that are made ready ahead of the one in use, by a thread in the background. Default 4.</summary>
    /// <remarks>0 draws each when it is asked for, on the thread that asks. What is drawn is the same.</remarks>
    public int Prefetch { get; init; } = 4;

    /// <summary>Where given, images come in the set's own order, and all epochs have this view.</summary>
    internal int? FixedView { get; init; }
}
