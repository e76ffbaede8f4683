using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Reports.Html;
using Refilled.Reports.Runs;

namespace Refilled.Reports.Sections;

/// <summary>Test images on which the network is right and another method isn't, and the other way round.</summary>
internal static class DisagreementSection
{
    private const int Shown = 10;

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { } look) return Markup.Nothing;
        var others = facts.Groups.Skip(1).Select(group => (group.Name, Right: Comparable(facts.Subject, look.Measured, group)))
            .Where(other => other.Right is not null).ToList();
        return others.Count == 0 ? Markup.Nothing : Markup.Of($"""
            <section id="disagreements"><h2>Where they disagree</h2>
            {Markup.Each(others, other => Both(look.Measured, facts.Groups[0].Name, look.Right, other.Name, other.Right!))}</section>
            """);
    }

    /// <summary>Which images a method has right, if it was measured on the same ones as the subject.</summary>
    private static IReadOnlyList<bool>? Comparable(RunRecord subject, ImageSet measured, RunGroup group) =>
        group.Results is [{ RightSelected: { } bits } result, ..] && result.TestHash is not null
            && result.TestHash == subject.Result?.TestHash && result.TestImages == measured.Count
            ? RightImages.Decode(bits, result.TestImages) : null;

    private static Markup Both(ImageSet set, string one, IReadOnlyList<bool> right, string other, IReadOnlyList<bool> others)
    {
        Markup Strip(string winner, string loser, Func<int, bool> chosen)
        {
            var all = Enumerable.Range(0, set.Count).Where(chosen).ToList();
            return all.Count == 0 ? Markup.Nothing : Markup.Of($"""
                <figure class="strip"><figcaption><b>{winner}</b> is right and {loser} is wrong: {all.Count} of {set.Count}</figcaption>
                {Markup.Each(Evenly.Places(all.Count, Shown), i => Pictures.Of(set, all[i], set.ClassNames[set.Labels[all[i]]]))}</figure>
                """);
        }
        return Markup.Of($"""
            {Strip(one, other, i => right[i] && !others[i])}
            {Strip(other, one, i => !right[i] && others[i])}
            """);
    }
}
