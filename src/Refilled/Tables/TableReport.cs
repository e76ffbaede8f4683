namespace Refilled.Tables;

/// <summary>A table's numbers, made of the results that are there.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">What readers must know of the protocol.</param>
/// <param name="Sections">A section for each split and student.</param>
public sealed record TableReport(string Title, IReadOnlyList<string> Notes, IReadOnlyList<TableSection> Sections) : IPageSection
{
    /// <summary>The methods that gains are measured against.</summary>
    public required IReadOnlyList<string> Baselines { get; init; }

    /// <summary>Runs that are done, teachers excluded.</summary>
    public required int Finished { get; init; }

    /// <summary>Runs of the table, teachers excluded.</summary>
    public required int Runs { get; init; }

    /// <summary>The <see cref="ResultsVersion"/> of all results.</summary>
    public int ResultsVersion { get; init; } = Experiments.ResultsVersion.Current;

    /// <summary>The data's content hashes (SHA-256).</summary>
    public IReadOnlyList<string> DataHashes { get; init; } = [];

    /// <summary>The machines that the runs were made on.</summary>
    public IReadOnlyList<string> Machines { get; init; } = [];

    /// <summary>The number formats of the runs.</summary>
    public IReadOnlyList<string> Precisions { get; init; } = [];

    string IPageSection.Kind => ResultsPage.Grid;

    string IPageSection.Markdown() => MarkdownTable.Write(this);
}
