using Refilled.Data;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;

namespace Refilled.Reports.Sections;

/// <summary>The wrong answers that the network is surest of: often the label is wrong.</summary>
internal static class MistakesSection
{
    private const int Shown = 24;

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { Classifies: true } look) return Markup.Nothing;
        var answers = new Answers(look);
        return answers.SurestMistakes(Shown) is not { Count: > 0 } mistakes ? Markup.Nothing : Markup.Of($"""
            <section id="mistakes"><h2>The surest mistakes</h2>
            <p>Look at the labels first: where they are wrong, the network isn't.</p>
            <ul class="tiles">{Markup.Each(mistakes, i => Tile(look.Measured, answers, i, look.NameOf(i)))}</ul></section>
            """);
    }

    private static Markup Tile(ImageSet set, Answers answers, int i, string name)
    {
        var (label, answer) = (set.ClassNames[set.Labels[i]], set.ClassNames[answers.Of[i]]);
        return Markup.Of($"""
            <li>{Pictures.Of(set, i, label)}
            <span title="{name}"><b>{answer}</b> {100 * answers.Sureness(i):0} %<br>labelled {label}</span></li>
            """);
    }
}
