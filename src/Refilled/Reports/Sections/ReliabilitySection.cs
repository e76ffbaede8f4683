using Refilled.Evaluation;
using Refilled.Charts;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>Whether the network is as often right as it says.</summary>
internal static class ReliabilitySection
{
    private const int Bins = 10;
    private const double Left = 62, Top = 34, Side = 300, Bottom = 46;

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { Classifies: true } look) return Markup.Nothing;
        var bins = new Answers(look).Bins(Bins);
        var honesty = look.Measures.Probabilities!;
        var fitted = honesty.Temperature is { } temperature
            ? Invariant($"Its logits are divided by {temperature:0.00}, which was fitted on held-out images.")
            : "No temperature was fitted, so that its logits are taken as they are ('refilled calibrate' fits one).";
        return Markup.Of($"""
            <section id="reliability"><h2>Is it as often right as it says?</h2>
            <p>The expected calibration error is {100 * honesty.Error:0.0} points (fifteen bins). {fitted}</p>
            <figure>{Chart.Of(Drawn(bins), "reliable")}</figure></section>
            """);
    }

    private static Sheet Drawn(IReadOnlyList<SurenessBin> bins)
    {
        var images = bins.Sum(bin => bin.Images);
        var told = bins.Select(bin => Invariant($"{100 * bin.From:0} to {100 * bin.To:0} % sure: {bin.Right} of {bin.Images} right"));
        var sheet = new Sheet(Left + Side + 40, Top + Side + Bottom, "How often answers are right, by how sure they are",
            string.Join("; ", told) + ".");
        double[] ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
        var (across, up) = (Scale.Of(ticks, Left, Left + Side), Scale.Of(ticks, Top + Side, Top));
        sheet.Write(8, 18, $"{images} test images", 13.5);
        foreach (var tick in ticks)
        {
            sheet.Rule(Left, up.At(tick), Left + Side, up.At(tick), Ink.Grid);
            sheet.Write(Left - 6, up.At(tick) + 4, Scale.Label(100 * tick), 11, Anchor.End, Ink.Muted);
            sheet.Write(across.At(tick), Top + Side + 17, Scale.Label(100 * tick), 11, Anchor.Middle, Ink.Muted);
        }
        sheet.Rule(Left, Top + Side, Left + Side, Top, Ink.Muted, 1, Dash.Long);
        foreach (var bin in bins)
        {
            var (from, to, height) = (across.At(bin.From) + 2, across.At(bin.To) - 2, up.At((double)bin.Right / bin.Images));
            sheet.Add(new Area([(from, up.At(0)), (to, up.At(0)), (to, height), (from, height)], Ink.Blue, 0.35));
            var interval = WilsonInterval.Of(bin.Right, bin.Images);
            var x = across.At(Math.Clamp(bin.Mean, bin.From, bin.To));
            sheet.Rule(x, up.At(interval.Low), x, up.At(interval.High), Ink.Blue, 2);
            sheet.Add(new Dot(x, height, 4, Ink.Blue));
            sheet.Write((from + to) / 2, up.At(0) - 5, $"{bin.Images}", 10, Anchor.Middle, Ink.Text);
        }
        sheet.Write(Left + Side / 2, Top + Side + 35, "how sure the answer is, % (bars: 95 % intervals; n at the foot)", 11.5,
            Anchor.Middle);
        sheet.Write(14, Top + Side / 2, "right, %", 11.5, Anchor.Middle, upward: true);
        return sheet;
    }
}
