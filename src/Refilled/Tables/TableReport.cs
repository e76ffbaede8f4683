using System.Globalization;
using Refilled.Charts;
using Refilled.Experiments;

namespace Refilled.Tables;

/// <summary>A table's numbers, made of the results that are there; <see cref="TableText"/> writes any of them.</summary>
/// <remarks>It is written as JSON as well, which holds what is public.</remarks>
internal abstract record TableReport
{
    /// <summary>The heading.</summary>
    public abstract string Title { get; init; }

    /// <summary>The <see cref="Experiments.ResultsVersion"/> of all results.</summary>
    public int ResultsVersion { get; init; } = Experiments.ResultsVersion.Current;

    /// <summary>The data's content hashes (SHA-256).</summary>
    public IReadOnlyList<string> DataHashes { get; init; } = [];

    /// <summary>The machines that the results were made on.</summary>
    public IReadOnlyList<string> Machines { get; init; } = [];

    /// <summary>The number formats.</summary>
    public IReadOnlyList<string> Precisions { get; init; } = [];

    /// <summary>The word that marks its kind in a page of results; see <see cref="ResultsPage"/>.</summary>
    internal abstract string Kind { get; }

    /// <summary>The tables that it consists of.</summary>
    internal abstract IEnumerable<TableSheet> Sheets();

    /// <summary>How to read them, a line each.</summary>
    internal abstract IReadOnlyList<string> Legend();

    /// <summary>Its numbers as a picture; null where it has none.</summary>
    internal virtual Sheet? Picture() => null;

    /// <summary>The numbers in full: the names of the fields, then a line for each record. What isn't known is null.</summary>
    internal abstract IEnumerable<IReadOnlyList<object?>> Records();

    /// <summary>What the numbers were made with; null before the first.</summary>
    internal string? Origin()
    {
        if (DataHashes.Count == 0) return null;
        var data = string.Join(", ", DataHashes.Select(hash => $"`{hash[..Math.Min(12, hash.Length)]}`"));
        return $"Results version {ResultsVersion}; data {data}; {string.Join(", ", Precisions)}; {string.Join(" and ", Machines)}.";
    }

    /// <summary>The report, saying what its results were made with.</summary>
    internal static T Of<T>(T report, IReadOnlyCollection<Measured> results) where T : TableReport => report with
    {
        DataHashes = [.. results.Select(result => result.DataHash).Distinct()],
        Machines = [.. results.Select(result => result.Machine).Distinct().Order(StringComparer.Ordinal)],
        Precisions = [.. results.Select(result => result.Precision).Distinct().Order(StringComparer.Ordinal)],
    };
}

/// <summary>One table of texts.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="Lines">The header, then the rows, all with the same number of cells.</param>
/// <param name="Note">What stands right below it; null for nothing.</param>
internal sealed record TableSheet(string Heading, IReadOnlyList<IReadOnlyList<string>> Lines, string? Note = null)
{
    /// <summary>Stands for a number that there isn't.</summary>
    public const string None = "–";

    /// <summary>Marks a difference that allows no claim about the ranking.</summary>
    public const string Unclear = "~";

    /// <summary>A number, or what stands for none.</summary>
    public static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? None;

    /// <summary>A difference in points with its sign.</summary>
    public static string Signed(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
