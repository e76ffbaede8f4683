namespace Refilled.Experiments;

/// <summary>The seeds of a run; the split's is part of the class specification. A table fixes all but the run's.</summary>
public sealed record SeedSettings
{
    /// <summary>Which images are held out, and which are taken per class. Default 0.</summary>
    public int HoldOut { get; init; }

    /// <summary>Crops and flips. Default 0.</summary>
    public int View { get; init; }

    /// <summary>Initial weights and the order of the images. Default 0.</summary>
    public int Run { get; init; }
}
