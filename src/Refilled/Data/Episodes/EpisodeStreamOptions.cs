namespace Refilled.Data.Episodes;

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
