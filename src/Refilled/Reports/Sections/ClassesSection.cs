using Refilled.Evaluation;
using Refilled.Charts;
using Refilled.Reports.Html;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>How good the network is on each class, with intervals.</summary>
internal static class ClassesSection
{
    /// <summary>Most classes in the chart: the worst of all. The numbers have every one.</summary>
    private const int MostDrawn = 30;

    private const double Row = 20, Left = 210, Right = 64, Top = 34, Bottom = 44;

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { } look || look.Measures.Classes.Count == 0) return Markup.Nothing;
        var classes = look.Measures.Classes;
        return Markup.Of($"""
            <section id="classes"><h2>Class by class</h2>
            <figure>{Chart.Of(Drawn(classes, [.. classes.Take(MostDrawn)]), "per-class")}</figure>
            <details><summary>All classes as numbers</summary>
            {Table.Of(["class", "#right", "#images", "#%"], classes.Select(one =>
                (IReadOnlyList<string>)[one.Name, $"{one.Right}", $"{one.Images}", Invariant($"{100 * one.Accuracy:0.0}")]))}
            </details></section>
            """);
    }

    private static Sheet Drawn(IReadOnlyList<ClassResult> classes, IReadOnlyList<ClassResult> shown)
    {
        var sheet = new Sheet(Chart.Wide, Top + shown.Count * Row + Bottom, "Right images of each class",
            Invariant($"{classes.Count} classes; the worst is {classes[0].Name} with {100 * classes[0].Accuracy:0} %, the best ")
            + Invariant($"{classes[^1].Name} with {100 * classes[^1].Accuracy:0} %."));
        var (end, bottom) = (Chart.Wide - Right, Top + shown.Count * Row);
        var scale = Scale.Of([0, 20, 40, 60, 80, 100], Left, end);
        sheet.Write(8, 18, shown.Count == classes.Count ? "Right images of each class, the worst first"
            : $"Right images of the {shown.Count} worst of {classes.Count} classes", 13.5);
        foreach (var tick in scale.Ticks)
        {
            sheet.Rule(scale.At(tick), Top - 6, scale.At(tick), bottom, Ink.Grid);
            sheet.Write(scale.At(tick), bottom + 15, Scale.Label(tick), 11, Anchor.Middle, Ink.Muted);
        }
        foreach (var (i, one) in shown.Index())
        {
            var y = Top + i * Row + Row / 2;
            var interval = WilsonInterval.Of(one.Right, one.Images);
            sheet.Write(Left - 10, y + 4, Shortened(one.Name), 11.5, Anchor.End);
            sheet.Rule(scale.At(100 * interval.Low), y, scale.At(100 * interval.High), y, Ink.Blue, 2);
            sheet.Add(new Dot(scale.At(100 * one.Accuracy), y, 4.5, Ink.Blue));
            sheet.Write(end + 12, y + 4, $"{one.Right} / {one.Images}", 11, ink: Ink.Muted);
        }
        sheet.Write((Left + end) / 2, bottom + 33, "right, % (bars: 95 % intervals; n beside them)", 11.5, Anchor.Middle);
        return sheet;
    }

    private static string Shortened(string name) => name.Length <= 32 ? name : name[..31] + "…";
}
