using Refilled.Charts;

namespace Refilled.Tables.Grid;

/// <summary>A table's numbers, made of the results that are there.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">What readers must know of the protocol.</param>
/// <param name="Sections">A section for each split and student.</param>
internal sealed record GridReport(string Title, IReadOnlyList<string> Notes, IReadOnlyList<GridSection> Sections) : TableReport
{
    /// <summary>The methods that gains are measured against.</summary>
    public required IReadOnlyList<string> Baselines { get; init; }

    /// <summary>Runs that are done, teachers excluded.</summary>
    public required int Finished { get; init; }

    /// <summary>Runs of the table, teachers excluded.</summary>
    public required int Runs { get; init; }

    internal override string Kind => ResultsPage.Grid;

    internal override IEnumerable<TableSheet> Sheets() => Sections.Select(section => GridSheets.Of(this, section));

    internal override IReadOnlyList<string> Legend() => GridSheets.Legend(this);

    internal override Sheet? Picture() => GainsPicture.Of(this);

    internal override IEnumerable<IReadOnlyList<object?>> Records() => GridSheets.Records(this);
}

/// <summary>The rows of one split and one student's network.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Student">The student's network.</param>
/// <param name="Rows">The methods, in the recipe's order.</param>
internal sealed record GridSection(string Split, string Student, IReadOnlyList<GridRow> Rows)
{
    /// <summary>The data's name; null before the first result.</summary>
    public string? Data { get; init; }

    /// <summary>The student's classes, as the recipe says it.</summary>
    public required string Classes { get; init; }

    /// <summary>The teacher's network; null before a result has it.</summary>
    public string? Teacher { get; init; }

    /// <summary>The teacher's top-1 on its own classes, in percent, where the table trained it and its result is there.</summary>
    public double? TeacherTop1 { get; init; }

    /// <summary>Images trained on, hold-out excluded.</summary>
    public int? TrainImages { get; init; }

    /// <summary>Test images.</summary>
    public int? TestImages { get; init; }

    /// <summary>How the section stands to the poster.</summary>
    public required string PosterNote { get; init; }
}

/// <summary>A method in a table: accuracies are in percent on the test images, means over the seeds.</summary>
/// <param name="Method">The method.</param>
/// <param name="Seeds">Finished seeds; empty where none is.</param>
internal sealed record GridRow(string Method, IReadOnlyList<int> Seeds)
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
    public IReadOnlyList<GridGain> Gains { get; init; } = [];

    /// <summary>What the poster has for this row, where networks and data are the poster's; else null.</summary>
    public double? Poster { get; init; }
}

/// <summary>A row's gain over a baseline.</summary>
/// <param name="Baseline">The baseline's method.</param>
/// <param name="Gain">The gain; null where the two have no seed in common yet.</param>
internal sealed record GridGain(string Baseline, PairedGain? Gain);
