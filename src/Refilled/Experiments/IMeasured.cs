namespace Refilled.Experiments;

/// <summary>What every measured result says of how it came about.</summary>
public interface IMeasured
{
    /// <summary>SHA-256 (hex) of the data.</summary>
    string DataHash { get; }

    /// <summary>SHA-256 (hex) of the settings that decide it, apart from machine and paths.</summary>
    string? SettingsHash { get; }

    /// <summary>The <see cref="Experiments.ResultsVersion"/> that it was made in.</summary>
    int ResultsVersion { get; }

    /// <summary>The number format.</summary>
    string Precision { get; }

    /// <summary>The machine.</summary>
    string Machine { get; }

    /// <summary>How long it took, in seconds.</summary>
    double Seconds { get; }
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
}
