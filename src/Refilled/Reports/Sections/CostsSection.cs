using Refilled.Reports.Html;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>What the network costs in use, and what its training cost.</summary>
internal static class CostsSection
{
    public static Markup Of(ReportFacts facts)
    {
        List<(string What, string Value)> rows = [];
        if (facts.Look is { } look)
        {
            rows.Add(("Weights, fp32", Invariant($"{look.Bytes / 1e6:0.00} MB ({look.Bytes / sizeof(float):#,0} numbers)")));
            rows.Add(("Time for an image by itself, here", Invariant($"{look.Milliseconds():0.00} ms (median; from pixels to classes)")));
        }
        if (facts.Subject.Result is { } result) rows.Add(("Measured in training", $"{result.Precision}, {result.Machine}"));
        foreach (var group in facts.Groups.Where(group => group.Runs.Any(run => run.Epochs.Count > 0)))
        {
            var runs = group.Runs.Where(run => run.Epochs.Count > 0).ToList();
            var (seconds, epochs) = (runs.Average(run => run.Epochs[^1].Seconds), runs.Average(run => run.Epochs.Count));
            rows.Add(($"Training of {group.Name}",
                Invariant($"{Span(seconds)} for {epochs:0} epochs, {seconds / Math.Max(1, epochs):0.0} s each")));
        }
        return rows.Count == 0 ? Markup.Nothing : Markup.Of($"""
            <section id="costs"><h2>Time and size</h2>{Table.Facts(rows)}</section>
            """);
    }

    private static string Span(double seconds) => seconds < 90 ? Invariant($"{seconds:0} s")
        : seconds < 5400 ? Invariant($"{seconds / 60:0.0} min") : Invariant($"{seconds / 3600:0.0} h");
}
