using Refilled.Evaluation;
using Refilled.Fitting;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>What was found, in sentences, and every method in a row.</summary>
internal static class SummarySection
{
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
        List<string> all = [Invariant($"The network ({look.Name}, {look.Bytes / 1e6:0.0} MB){by} is right on {100.0 * right / images:0.0} % of ")
            + Invariant($"{images} test images (95 %: {100 * interval.Low:0} to {100 * interval.High:0} %).")];
        if (look.Measures.Result is { Ncm: { } ncm, Nn1: { } nearest })
            all.Add(Invariant($"The nearest class mean of its embedding is right on {100 * ncm:0.0} %, the nearest training image on ")
                + Invariant($"{100 * nearest:0.0} %."));
        return subject.State == RunState.Done ? all : [StateOf(subject), .. all];
    }

    private static string StateOf(RunRecord run) => run.State switch
    {
        RunState.Training => $"The run is training: {run.Epochs.Count} epochs are done.",
        RunState.Stopped => $"The run was stopped after {run.Epochs.Count} epochs; --resume takes it up.",
        _ => "The run has ended.",
    };

    private static IEnumerable<string> Problems(ReportFacts facts) =>
        [.. facts.NoLook is { } why ? (string[])[why] : [],
            .. facts.Groups.SelectMany(group => group.Runs).SelectMany(run => run.Problems.Select(problem => $"{run.Name}: {problem}"))];

    private static Markup Ways(FitResult? fit) => fit is null || fit.Ways.Count == 0 ? Markup.Nothing : Markup.Of($"""
        <h3>The ways that were compared on held-out images</h3>
        <div class="scroll"><table><thead><tr><th>way</th><th class="n">right, %</th><th class="n">images</th><th class="n">log-loss</th></tr></thead><tbody>
        {Markup.Each(fit.Ways, way => Markup.Of($"""
            <tr><th scope="row">{way.Name}{(way.Trained ? "" : " (the teacher itself)")}{(way.Name == fit.Winner && way.Trained ? " ✓" : "")}</th>
            <td class="n">{way.Accuracy:0.0}</td><td class="n">{way.Images}</td><td class="n">{(way.LogLoss is { } loss ? Invariant($"{loss:0.000}") : "–")}</td></tr>
            """))}
        </tbody></table></div>
        {Markup.Each(fit.Notes, note => Markup.Of($"<p>{note}</p>"))}
        """);

    private static Markup Methods(ReportFacts facts)
    {
        if (facts.Groups.All(group => group.Results.Count == 0)) return Markup.Nothing;
        var first = facts.Groups[0];
        var poster = first.Poster();
        var shown = poster?.Number is not null;
        return Markup.Of($"""
            <h3>{(facts.Groups.Count > 1 ? "The methods" : "The result")}</h3>
            <div class="scroll"><table><thead><tr><th>method</th><th>network</th><th class="n">runs</th><th class="n">top-1 %, last epoch</th>
            <th class="n">selected epoch</th><th class="n">class means %</th><th class="n">points of {first.Name} over it</th>
            {(shown ? Markup.Of($"<th class=\"n\">poster</th>") : Markup.Nothing)}</tr></thead><tbody>
            {Markup.Each(facts.Groups, group => Row(group, first, shown))}
            </tbody></table></div>
            <p class="note">± is the standard deviation over seeds. A gain pools test images and seeds as crossed random effects; where its 95 %
            interval (in parentheses) spans zero, no ranking can be claimed. Nothing was selected on test images.
            {(shown ? poster!.Value.Note : "")}</p>
            """);
    }

    private static Markup Row(RunGroup group, RunGroup first, bool poster)
    {
        string Cell(Func<Experiments.RunResult, double> value) => group.Mean(value) is { } spread
            ? Invariant($"{spread.Mean:0.00}") + (group.Results.Count > 1 ? Invariant($" ± {spread.Deviation:0.00}") : "") : "–";
        var gain = ReferenceEquals(group, first) ? null : first.Over(group);
        return Markup.Of($"""
            <tr><th scope="row">{group.Name}</th><td>{group.Runs[0].Recipe?.Student ?? "–"}</td>
            <td class="n">{group.Results.Count}{(group.Runs.Count > group.Results.Count ? $" of {group.Runs.Count}" : "")}</td>
            <td class="n">{Cell(result => result.Top1)}</td><td class="n">{Cell(result => result.Top1Selected)}</td>
            <td class="n">{Cell(result => result.Ncm)}</td>
            <td class="n">{(gain is null ? "–" : Invariant($"{gain.Points:+0.0;-0.0;0.0} ({gain.Low:0.0} to {gain.High:0.0})"))}</td>
            {(poster ? Markup.Of($"<td class=\"n\">{(group.Poster()?.Number is { } number ? Invariant($"{number:0.00}") : "–")}</td>") : Markup.Nothing)}</tr>
            """);
    }
}
