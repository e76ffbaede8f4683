namespace Refilled.Data;

/// <summary>How a <see cref="BatchStream"/> orders and draws its images.</summary>
public sealed record BatchStreamOptions
{
    /// <summary>Images in a batch; the last of an epoch may be smaller. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Seed of the order; with the epoch it decides it.</summary>
    public int OrderSeed { get; init; }

    /// <summary>Seed of the views.</summary>
    public long ViewSeed { get; init; }

    /// <summary>Views of each image: epoch e uses view e mod Views. 0 makes a fresh view each epoch. Default 8.</summary>
    public int Views { get; init; } = 8;

    /// <summary>Images of one class that stand together in the order, so that a batch of B images has about B / n classes with n
    /// each; every image still comes once an epoch. 1 mixes freely. Default 1.</summary>
    public int PerClass { get; init; } = 1;

    /// <summary>Batches that are made ready ahead of the one in use, by a thread in the background; 0 draws each when it is
    /// asked for, on the thread that asks. What is drawn is the same. Default 4.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Where given, images come in the set's own order, and all epochs have this view.</summary>
    internal int? FixedView { get; init; }
}
