namespace Refilled.Deploy;

/// <summary>How a classifier works, and what it refuses.</summary>
public sealed record ClassifierOptions
{
    /// <summary>Threads of a pass through the network. Default 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>Images that pass through the network together. Default 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Most bytes of an image file. Default 64 MiB.</summary>
    public long MostBytes { get; init; } = 64L << 20;

    /// <summary>Most pixels that an image may have. Default 100 million, twice a large camera's.</summary>
    public long MostPixels { get; init; } = 100_000_000;
}
