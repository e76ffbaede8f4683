namespace Refilled.Tables.FewShot;

/// <summary>The numbers of a table of few-shot learners, made of the results that are there.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">What readers must know of the protocol.</param>
/// <param name="Shots">The columns.</param>
/// <param name="Rows">The rows.</param>
public sealed record MiddleShotReport(string Title, IReadOnlyList<string> Notes, IReadOnlyList<int> Shots, IReadOnlyList<MiddleShotReportRow> Rows) : IPageSection
{
    /// <summary>The rows that others are compared with.</summary>
    public required IReadOnlyList<string> Baselines { get; init; }

    /// <summary>The networks that there are records of.</summary>
    public required IReadOnlyList<NetworkRecord> Networks { get; init; }

    /// <summary>Figures that others published of these data, a line each.</summary>
    public required IReadOnlyList<string> Published { get; init; }

    /// <summary>Cells that are measured.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the table.</summary>
    public required int Cells { get; init; }

    /// <summary>Name of the data; null before the first result.</summary>
    public string? Data { get; init; }

    /// <summary>Classes of a task, N.</summary>
    public int Way { get; init; }

    /// <summary>Images of each class that are classified, Q.</summary>
    public int Query { get; init; }

    /// <summary>The <see cref="ResultsVersion"/> of all results.</summary>
    public int ResultsVersion { get; init; } = Experiments.ResultsVersion.Current;

    /// <summary>The data's content hashes (SHA-256).</summary>
    public IReadOnlyList<string> DataHashes { get; init; } = [];

    /// <summary>The machines that it was measured on.</summary>
    public IReadOnlyList<string> Machines { get; init; } = [];

    /// <summary>The number formats.</summary>
    public IReadOnlyList<string> Precisions { get; init; } = [];

    string IPageSection.Kind => ResultsPage.MiddleShot;

    string IPageSection.Markdown() => MiddleShotMarkdown.Write(this);
}
