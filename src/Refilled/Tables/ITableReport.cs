using System.Globalization;

namespace Refilled.Tables;

/// <summary>A table's numbers, made of the results that are there; <see cref="TableText"/> writes any of them.</summary>
internal interface ITableReport
{
    /// <summary>The heading.</summary>
    string Title { get; }

    /// <summary>The word that marks its kind in a page of results; see <see cref="ResultsPage"/>.</summary>
    string Kind { get; }

    /// <summary>The tables that it consists of.</summary>
    IEnumerable<TableSheet> Sheets();

    /// <summary>How to read them, a line each.</summary>
    IReadOnlyList<string> Legend();

    /// <summary>What the numbers were made with; null before the first.</summary>
    string? Origin();

    /// <summary>The numbers in full: the names of the fields, then a line for each record. What isn't known is null.</summary>
    IEnumerable<IReadOnlyList<object?>> Records();
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

    /// <summary>What numbers were made with.</summary>
    public static string Origin(
        int resultsVersion, IEnumerable<string> dataHashes, IEnumerable<string> precisions, IEnumerable<string> machines)
    {
        var data = string.Join(", ", dataHashes.Select(hash => $"`{hash[..Math.Min(12, hash.Length)]}`"));
        return $"Results version {resultsVersion}; data {data}; {string.Join(", ", precisions)}; {string.Join(" and ", machines)}.";
    }
}
