using Refilled.Figures;
using Refilled.Charts;
using Refilled.Reports.Html;
using Refilled.Reports.Runs;

namespace Refilled.Reports.Sections;

/// <summary>Learning curves: a line for each method, with a band over its seeds.</summary>
internal static class CurvesSection
{
    private const double High = 300, Foot = 26;

    /// <summary>Most points of a line: more can't be seen.</summary>
    private const int MostPoints = 400;

    public static Markup Of(ReportFacts facts)
    {
        List<(string Id, string Title, string Up, Func<EpochRecord, double?> Value)> kinds =
        [
            ("held-out", "On held-out images", "right, %", epoch => 100 * epoch.HeldOut),
            ("trained", "On the training batches", "right, %", epoch => Measure(epoch, "accuracy") * 100),
        ];
        var charts = kinds.Select(kind => (kind.Id, Sheet: ByMethod(facts, kind.Title, kind.Up, kind.Value)))
            .Append(("losses", Losses(facts.Subject))).Where(chart => chart.Item2 is not null).ToList();
        return charts.Count == 0 ? Markup.Nothing : Markup.Of($"""
            <section id="curves"><h2>Learning curves</h2>
            {Markup.Each(charts, chart => Markup.Of($"<figure>{Chart.Of(chart.Item2!, chart.Item1)}</figure>"))}
            </section>
            """);
    }

    private static double? Measure(EpochRecord epoch, string name) =>
        epoch.Train is { } means && means.TryGetValue(name, out var mean) ? mean : null;

    /// <summary>A line for each method; null where no run has any.</summary>
    private static Sheet? ByMethod(ReportFacts facts, string title, string up, Func<EpochRecord, double?> value)
    {
        var lines = new List<PanelLine>();
        foreach (var (i, group) in facts.Groups.Index())
        {
            var runs = group.Runs.Select(run => run.Epochs.Select(value).ToList()).ToList();
            var longest = runs.Max(run => run.Count);
            var points = (from number in Thinned(longest)
                          let all = runs.Where(run => number < run.Count).Select(run => run[number]).OfType<double>()
                              .Where(double.IsFinite).ToList()
                          where all.Count > 0
                          let spread = Spread.Of(all)
                          select new PanelPoint(number + 1, spread.Mean, Math.Max(0, spread.Mean - spread.Deviation),
                              Math.Min(100, spread.Mean + spread.Deviation)))
                .ToList();
            if (points.Count > 0) lines.Add(Chart.Line(i, group.Name, points));
        }
        var seeds = facts.Groups.Max(group => group.Runs.Count);
        return Drawn(title, up, lines, seeds > 1 ? $"Lines: mean over up to {seeds} runs; bands: ± their standard deviation. "
            + "Epochs of all stages are counted on." : "Epochs of all stages are counted on.", ratios: false);
    }

    /// <summary>Every loss of one run; null where there is none.</summary>
    private static Sheet? Losses(RunRecord run)
    {
        var names = run.Epochs.SelectMany(epoch => epoch.Train?.Keys ?? []).Distinct().Where(name => name is not "accuracy").ToList();
        var lines = names.Select((name, i) => Chart.Line(i, name, [.. from number in Thinned(run.Epochs.Count)
            let mean = Measure(run.Epochs[number], name)
            where mean is > 0 && double.IsFinite(mean.Value)
            select new PanelPoint(number + 1, mean.Value, mean.Value, mean.Value)])).Where(line => line.Points.Count > 0).ToList();
        return Drawn($"Losses of {run.Name}", "mean over the epoch", lines,
            "'loss' is their weighted sum, the others are without their weights.", ratios: true);
    }

    private static Sheet? Drawn(string title, string up, List<PanelLine> lines, string note, bool ratios)
    {
        if (lines.Count == 0) return null;
        var sheet = new Sheet(Chart.Wide, High + Foot, title,
            string.Join("; ", lines.Select(line => FormattableString.Invariant($"{line.Name}: {line.Points[^1].Mean:0.###} after ")
                + FormattableString.Invariant($"{line.Points[^1].X:0} epochs"))) + ".");
        new LinePanel(title, "epochs", up, lines) { Ratios = ratios }.Draw(sheet, 0, 0, Chart.Wide, High);
        sheet.Write(8, High + Foot - 9, note, 11, ink: Ink.Muted);
        return sheet;
    }

    /// <summary>Evenly spaced numbers below a count, the last among them.</summary>
    private static IEnumerable<int> Thinned(int count)
    {
        var step = Math.Max(1, (count + MostPoints - 1) / MostPoints);
        for (var i = 0; i < count; i += step) yield return i;
        if (count > 0 && (count - 1) % step != 0) yield return count - 1;
    }
}
