using Refilled.Charts;
using Refilled.Reports.Html;

namespace Refilled.Reports.Sections;

/// <summary>A sheet as a part of the page.</summary>
internal static class Chart
{
    /// <summary>Width of a chart across the page.</summary>
    public const double Wide = 880;

    /// <summary>Letters that a line's name has room for.</summary>
    private const int LongestName = 17;

    /// <summary>The lines' dashes in the order in which they are given out.</summary>
    public static Dash[] Dashes { get; } = [Dash.None, Dash.Long, Dash.Short, Dash.Dots];

    /// <summary>The element.</summary>
    public static Markup Of(Sheet sheet, string id) => new(SvgSheet.Inline(sheet, id));

    /// <summary>A line's look by its number, as a figure's.</summary>
    public static PanelLine Line(int number, string name, IReadOnlyList<PanelPoint> points) =>
        new(name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…",
        Palette.Series[number % Palette.Series.Count], Dashes[number / Palette.Series.Count % Dashes.Length], (Shape)(number % 4), points);
}
