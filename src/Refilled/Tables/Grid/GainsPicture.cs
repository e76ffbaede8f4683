using Refilled.Charts;
using static System.FormattableString;

namespace Refilled.Tables.Grid;

/// <summary>A table's gains over its first baseline as a picture: a point with its interval for each row.</summary>
/// <remarks>What allows no claim about the ranking is a grey diamond; a clear gain is a blue circle, a clear loss an orange square.
/// </remarks>
internal static class GainsPicture
{
    private const double Width = 470, Name = 128, Value = 124, Row = 19, Head = 34, Foot = 40, Title = 30;

    /// <summary>The picture; null where nothing can be compared.</summary>
    public static Sheet? Of(GridReport report)
    {
        if (report.Baselines.Count == 0) return null;
        var baseline = report.Baselines[0];
        var sections = report.Sections.Select(section => (Section: section, Rows: Rows(section, baseline)))
            .Where(one => one.Rows.Count > 0).ToList();
        if (sections.Count == 0) return null;
        var gains = sections.SelectMany(one => one.Rows).SelectMany(row => new[] { row.Gain.Low, row.Gain.High }).Append(0).ToList();
        var lines = sections.Chunk(2).ToList();
        double High((GridSection Section, IReadOnlyList<(string, PairedGain)> Rows)[] line) =>
            Head + line.Max(one => one.Rows.Count) * Row + Foot;
        var sheet = new Sheet(Math.Min(2, sections.Count) * Width, Title + lines.Sum(High), $"Gains over {baseline}: {report.Title}",
            string.Join("; ", sections.Select(one => $"{one.Section.Split}, {one.Section.Student}: "
                + string.Join(", ", one.Rows.Select(row => Invariant($"{row.Method} {TableSheet.Signed(row.Gain.Points)}"))))) + ".");
        sheet.Write(8, 20, $"Points over {baseline} on the same test images, with 95 % intervals", 14);
        var top = Title;
        foreach (var line in lines)
        {
            foreach (var (column, one) in line.Index()) Draw(sheet, column * Width, top, one.Section, one.Rows, gains);
            top += High(line);
        }
        return sheet;
    }

    private static IReadOnlyList<(string Method, PairedGain Gain)> Rows(GridSection section, string baseline) =>
        [.. from row in section.Rows
            let gain = row.Gains.FirstOrDefault(gain => gain.Baseline == baseline)?.Gain
            where gain is not null
            select (row.Method, gain)];

    private static void Draw(Sheet sheet, double x, double y, GridSection section, IReadOnlyList<(string Method, PairedGain Gain)> rows,
        IReadOnlyList<double> all)
    {
        var (left, right, top) = (x + Name, x + Width - Value, y + Head);
        var bottom = top + rows.Count * Row;
        var scale = Scale.Around([.. all], left, right, 4); // One scale for all, so that sections can be compared.
        sheet.Write(x + 8, y + 18, $"{section.Split}: {section.Student}, n = {section.TestImages}", 12.5);
        foreach (var tick in scale.Ticks)
        {
            sheet.Rule(scale.At(tick), top - 4, scale.At(tick), bottom, tick == 0 ? Ink.Muted : Ink.Grid);
            sheet.Write(scale.At(tick), bottom + 15, Scale.Label(tick), 11, Anchor.Middle, Ink.Muted);
        }
        foreach (var (i, (method, gain)) in rows.Index())
        {
            var middle = top + i * Row + Row / 2;
            var (ink, shape) = !gain.IsClear ? (Ink.Grey, Shape.Diamond)
                : gain.Points > 0 ? (Ink.Blue, Shape.Circle) : (Ink.Vermilion, Shape.Square);
            sheet.Write(left - 8, middle + 4, method, 11.5, Anchor.End);
            sheet.Rule(scale.At(gain.Low), middle, scale.At(gain.High), middle, ink, 2);
            sheet.Add(new Dot(scale.At(gain.Points), middle, 4.5, ink, shape));
            sheet.Write(right + 10, middle + 4,
                Invariant($"{gain.Points:+0.0;-0.0;0.0} ({gain.Low:0.0;-0.0;0.0} to {gain.High:0.0;-0.0;0.0})"), 11, ink: Ink.Muted);
        }
        sheet.Write((left + right) / 2, bottom + 32, "points", 11.5, Anchor.Middle);
    }
}
