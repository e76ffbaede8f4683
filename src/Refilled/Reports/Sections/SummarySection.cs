using Refilled.Evaluation;
using Refilled.Fitting;
using Refilled.Reports.Html;
using Refilled.Reports.Runs;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>What was found, in sentences, and every method in a row.</summary>
internal static class SummarySection
{
    private const string None = "–", Gains = "A gain pools test images and seeds as crossed random effects; where its 95 % interval (in "
        + "parentheses) spans zero, no ranking can be claimed. ";

    public static Markup Of(ReportFacts facts) => Markup.Of($"""
        <section id="summary"><h2>Summary</h2>
        {Markup.Each(Sentences(facts), sentence => Markup.Of($"<p class=\"lead\">{sentence}</p>"))}
        {Markup.Each(Problems(facts), problem => Markup.Of($"<p class=\"problem\">{problem}</p>"))}
        {Ways(facts.Fit)}
        {Methods(facts)}
        </section>
        """);

    private static IEnumerable<string> Sentences(ReportFacts facts)
    {
        if (facts.Fit is { } fit) return FitWords.Of(fit);
        var subject = facts.Subject;
        if (facts.Look is not { } look) return [StateOf(subject)];
        var (right, images) = (look.Right.Count(one => one), look.Right.Count);
        var interval = WilsonInterval.Of(right, images);
        var by = subject.Recipe is { } recipe ? $", trained by '{recipe.Method}'," : "";
        List<string> all = [Invariant($"The network ({look.Name}, {look.Bytes / 1e6:0.0} MB){by} is right on ")
            + Invariant($"{100.0 * right / images:0.0} % of {images} test images ")
            + Invariant($"(95 %: {100 * interval.Low:0} to {100 * interval.High:0} %).")];
        if (look.Measures.Result is { Ncm: { } ncm, Nn1: { } nearest })
            all.Add(Invariant($"The nearest class mean of its embedding is right on {100 * ncm:0.0} %, the nearest training image on ")
                + Invariant($"{100 * nearest:0.0} %."));
        return subject.State == RunState.Done ? all : [StateOf(subject), .. all];
    }

    private static string StateOf(RunRecord run) => run.State switch
    {
        RunState.Training => $"The run is training: {run.Epochs.Count} epochs are done.",
        RunState.Stopped => $"The run was stopped after {run.Epochs.Count} epochs; --resume takes it up.",
        _ when run.Result is { } result => Invariant($"Its network was right on {result.Top1Selected:0.0} % of {result.TestImages} test ")
            + "images when the run ended.",
        _ => "The run has ended.",
    };

    private static IEnumerable<string> Problems(ReportFacts facts) =>
        [.. facts.NoLook is { } why ? (string[])[why] : [],
            .. facts.Groups.SelectMany(group => group.Runs).SelectMany(run => run.Problems.Select(problem => $"{run.Name}: {problem}"))];

    private static Markup Ways(FitResult? fit) => fit is null || fit.Ways.Count == 0 ? Markup.Nothing : Markup.Of($"""
        <h3>The ways that were compared on held-out images</h3>
        {Table.Of(["way", "#right, %", "#images", "#log-loss"], fit.Ways.Select(way => (IReadOnlyList<string>)
        [
            way.Name + (way.Trained ? way.Name == fit.Winner ? " ✓" : "" : " (the teacher itself)"),
            Invariant($"{way.Accuracy:0.0}"), $"{way.Images}", way.LogLoss is { } loss ? Invariant($"{loss:0.000}") : None,
        ]))}
        {Markup.Each(fit.Notes, note => Markup.Of($"<p>{note}</p>"))}
        """);

    private static Markup Methods(ReportFacts facts)
    {
        if (facts.Groups.All(group => group.Results.Count == 0)) return Markup.Nothing;
        var first = facts.Groups[0];
        var poster = first.Poster() is { Number: not null } beside ? beside.Note : null;
        var mixed = facts.Groups.SelectMany(group => group.Results).Select(result => result.DataHash).Distinct().Count() > 1;
        List<string> columns = [.. mixed ? ["method", "data", "network"] : (string[])["method", "network"],
            "#runs", "#last epoch, %", "#selected, %", "#class means, %",
            "#n"];
        if (facts.Groups.Count > 1) columns.Add($"#points of {first.Name} over it (95 %)");
        if (poster is not null) columns.Add("#poster");
        return Markup.Of($"""
            <h3>{(facts.Groups.Count > 1 ? "The methods" : "The result")}</h3>
            {Table.Of(columns,
                facts.Groups.Select(group => Row(group, facts.Groups.Count > 1 ? first : null, mixed, poster is not null)))}
            <p class="note">Top-1 on n test images after the last epoch, and at the one that was selected on held-out images.
            ± is the standard deviation over seeds. {(facts.Groups.Count > 1 ? Gains : "")}
            Nothing was selected on test images. {poster}</p>
            """);
    }

    private static List<string> Row(RunGroup group, RunGroup? first, bool mixed, bool poster)
    {
        string Cell(Func<Experiments.RunResult, double> value) => group.Mean(value) is not { } spread ? None
            : Invariant($"{spread.Mean:0.00}") + (group.Results.Count > 1 ? Invariant($" ± {spread.Deviation:0.00}") : "");
        List<string> cells =
        [
            group.Name, .. mixed ? [group.Runs[0].Result?.Data ?? None] : Array.Empty<string>(), group.Runs[0].Recipe?.Student ?? None,
            group.Runs.Count == group.Results.Count ? $"{group.Runs.Count}" : $"{group.Results.Count} of {group.Runs.Count}",
            Cell(result => result.Top1), Cell(result => result.Top1Selected), Cell(result => result.Ncm),
            group.Results is [var one, ..] ? $"{one.TestImages}" : None,
        ];
        if (first is not null)
            cells.Add(ReferenceEquals(group, first) || group.Results.Count == 0 || first.Results.Count == 0 ? None
                : first.Over(group) is { } gain ? Invariant($"{gain.Points:+0.0;-0.0;0.0} ({gain.Low:0.0} to {gain.High:0.0})")
                : group.Results[0].TestHash != first.Results[0].TestHash ? "other test images" : "no seed in common");
        if (poster) cells.Add(group.Poster()?.Number is { } number ? Invariant($"{number:0.00}") : None);
        return cells;
    }
}
