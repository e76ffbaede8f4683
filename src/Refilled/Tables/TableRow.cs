namespace Refilled.Tables;

/// <summary>A method in a table: accuracies are in percent on the test images, means over the seeds.</summary>
/// <param name="Method">The method.</param>
/// <param name="Seeds">Finished seeds; empty where none is.</param>
public sealed record TableRow(string Method, IReadOnlyList<int> Seeds)
{
    /// <summary>Whether the method has no randomness, so that one run stands for every seed.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Epochs of all stages.</summary>
    public int? Epochs { get; init; }

    /// <summary>Mean top-1 of the last epoch.</summary>
    public double? Top1 { get; init; }

    /// <summary>Standard deviation of that over the seeds (n - 1); null with one.</summary>
    public double? Deviation { get; init; }

    /// <summary>Mean top-1 of the epoch that was selected on held-out images.</summary>
    public double? Top1Selected { get; init; }

    /// <summary>Mean nearest-class-mean accuracy of the last epoch.</summary>
    public double? Ncm { get; init; }

    /// <summary>Mean training time in seconds.</summary>
    public double? Seconds { get; init; }

    /// <summary>Gains over the baselines, in their order; none for the baseline itself.</summary>
    public IReadOnlyList<TableGain> Gains { get; init; } = [];

    /// <summary>What the poster has for this row, where networks and data are the poster's; else null.</summary>
    public double? Poster { get; init; }
}
