namespace Refilled.Experiments;

/// <summary>What every measured result says of how it came about, in a file behind all that was measured.</summary>
public abstract record Measured
{
    /// <summary>How long it took, in seconds.</summary>
    public abstract double Seconds { get; init; }

    /// <summary>"fp32" or "bf16".</summary>
    public required string Precision { get; init; }

    /// <summary>Processor or GPU, and threads.</summary>
    public required string Machine { get; init; }

    /// <summary>SHA-256 (hex) of the effective recipe, with names and hashes in place of paths.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>SHA-256 (hex) of the settings that decide it, apart from machine and paths; see <see cref="Identity"/>.</summary>
    public string? SettingsHash { get; init; }

    /// <summary>The <see cref="Experiments.ResultsVersion"/> that it was measured in.</summary>
    public int ResultsVersion { get; init; }

    /// <summary>SHA-256 (hex) of the data's content.</summary>
    public required string DataHash { get; init; }

    /// <summary>Version of Refilled.</summary>
    public required string Version { get; init; }
}

/// <summary>The version of what runs measure.</summary>
/// <remarks>It is raised by hand when the same recipe on the same data gives other numbers than before: results of two versions
/// don't belong in one table.</remarks>
internal static class ResultsVersion
{
    /// <summary>The version that this code measures in. Results made before it was written down have 0.</summary>
    public const int Current = 1;
}

/// <summary>How results hold accuracies.</summary>
internal static class Percent
{
    /// <summary>A part of 1 in percent, to three places.</summary>
    public static double Of(double accuracy) => Math.Round(100 * accuracy, 3);

    /// <summary>The same of what may not have been measured.</summary>
    public static double? OrNull(double? accuracy) => accuracy is { } measured ? Of(measured) : null;
}
