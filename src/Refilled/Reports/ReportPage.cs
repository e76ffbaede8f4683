using System.Globalization;
using System.Reflection;
using Refilled.Experiments;
using Refilled.Charts;
using Refilled.Reports.Html;
using Refilled.Reports.Sections;

namespace Refilled.Reports;

/// <summary>A report as one page that needs nothing else: no network, no other file.</summary>
internal static class ReportPage
{
    /// <summary>The page's HTML.</summary>
    /// <param name="facts">What it tells.</param>
    /// <param name="cancel">Stops it between its parts.</param>
    public static string Of(ReportFacts facts, CancellationToken cancel)
    {
        List<(string Id, string Name, Func<Markup> Make)> parts =
        [
            ("summary", "Summary", () => SummarySection.Of(facts)),
            ("curves", "Curves", () => CurvesSection.Of(facts)),
            ("classes", "Classes", () => ClassesSection.Of(facts)),
            ("confusion", "Confusion", () => ConfusionSection.Of(facts)),
            ("reliability", "Reliability", () => ReliabilitySection.Of(facts)),
            ("mistakes", "Mistakes", () => MistakesSection.Of(facts)),
            ("disagreements", "Disagreements", () => DisagreementSection.Of(facts)),
            ("duplicates", "Duplicates", () => DuplicatesSection.Of(facts, cancel)),
            ("map", "Map", () => MapSection.Of(facts, cancel)),
            ("triplets", "Comparisons", () => TripletsSection.Of(facts)),
            ("costs", "Costs", () => CostsSection.Of(facts)),
            ("settings", "Settings", () => SettingsSection.Of(facts)),
            ("card", "Model card", () => ModelCardSection.Of(facts)),
        ];
        var made = new List<(string Id, string Name, Markup Part)>();
        foreach (var (id, name, make) in parts)
        {
            cancel.ThrowIfCancellationRequested();
            if (make() is { Text.Length: > 0 } part) made.Add((id, name, part));
        }
        return Markup.Of($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy"
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark"><title>{facts.Title}</title>
            <style>{new Markup(SvgSheet.Colours("@media screen and (prefers-color-scheme:dark)"))}
            {new Markup(Style)}</style></head><body>
            <a class="skip" href="#summary">To the summary</a>
            <header><h1>{facts.Title}</h1><p>{facts.Made.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}, Refilled {Version()}</p>
            <nav aria-label="Parts"><ul>
            {Markup.Each(made, one => Markup.Of($"<li><a href=\"#{one.Id}\">{one.Name}</a></li>"))}
            </ul></nav></header>
            <main>{Markup.Each(made, one => one.Part)}</main>
            <script>{new Markup(Resource("report.js"))}</script></body></html>

            """).Text;
    }

    /// <summary>How its parts look, apart from the colours.</summary>
    public static string Style => Resource("report.css");

    private static string Version() => Experiment.Version.Split('+')[0];

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
