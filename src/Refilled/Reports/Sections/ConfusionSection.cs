using Refilled.Data;
using Refilled.Charts;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;

namespace Refilled.Reports.Sections;

/// <summary>Which classes are taken for which.</summary>
internal static class ConfusionSection
{
    /// <summary>Most classes whose numbers are written out.</summary>
    private const int MostInTable = 25;

    private const int Pairs = 8, PicturesOfPair = 6;

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { Classifies: true } look) return Markup.Nothing;
        var (set, answers) = (look.Measured, new Answers(look));
        var confused = answers.MostConfused(Pairs);
        return Markup.Of($"""
            <section id="confusion"><h2>Which class is taken for which</h2>
            {(set.Classes <= MostInTable ? Table(set, answers) : Chart.Of(Map(set, answers), "matrix"))}
            {(confused.Count == 0 ? Markup.Of($"<p>No image is taken for one of another class.</p>") : Markup.Of($"""
                <h3>The most confused</h3>
                {Markup.Each(confused, pair => Pair(set, pair))}
                """))}
            </section>
            """);
    }

    private static Markup Table(ImageSet set, Answers answers)
    {
        var all = Enumerable.Range(0, set.Classes).ToList();
        var heads = Markup.Each(set.ClassNames, name => Markup.Of($"<th scope=\"col\"><span>{name}</span></th>"));
        var sums = all.Select(truth => Math.Max(1, all.Sum(answer => answers.Counts[truth, answer]))).ToList();
        return Markup.Of($"""
            <div class="scroll" tabindex="0" role="group" aria-label="confusion matrix">
            <table class="matrix"><caption>Images by their class (rows) and the network's answer (columns)</caption>
            <thead><tr><td></td>{heads}</tr></thead><tbody>
            {Markup.Each(all, truth => Markup.Of($"""
                <tr><th scope="row">{set.ClassNames[truth]}</th>{Markup.Each(all, answer => Cell(truth, answer))}</tr>
                """))}
            </tbody></table></div>
            """);

        Markup Cell(int truth, int answer)
        {
            var count = answers.Counts[truth, answer];
            return count == 0 ? Markup.Of($"<td></td>") : Markup.Of($"""
                <td class="{(truth == answer ? "right" : "wrong")}" style="--part:{100.0 * count / sums[truth]:0}%">{count}</td>
                """);
        }
    }

    /// <summary>The same as a picture, where there are too many classes for numbers.</summary>
    private static Sheet Map(ImageSet set, Answers answers)
    {
        const double left = 60, top = 24, side = 560;
        var cell = side / set.Classes;
        var sheet = new Sheet(left + side + 30, top + side + 40, "Images by their class and the network's answer",
            $"{set.Classes} classes; a square on the diagonal is right.");
        for (var truth = 0; truth < set.Classes; truth++)
        {
            var sum = Enumerable.Range(0, set.Classes).Sum(answer => answers.Counts[truth, answer]);
            for (var answer = 0; answer < set.Classes; answer++)
                if (answers.Counts[truth, answer] is > 0 and var count)
                {
                    var (x, y) = (left + answer * cell, top + truth * cell);
                    sheet.Add(new Area([(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)],
                        truth == answer ? Ink.Blue : Ink.Vermilion, 0.15 + 0.85 * count / sum));
                }
        }
        sheet.Add(new Stroke([(left, top), (left + side, top), (left + side, top + side), (left, top + side), (left, top)], Ink.Grid, 1));
        sheet.Write(left + side / 2, top + side + 20, $"the answer: {set.ClassNames[0]} … {set.ClassNames[^1]}", 12, Anchor.Middle);
        sheet.Write(left - 12, top + side / 2, "the class, from above in the same order", 12, Anchor.Middle, upward: true);
        return sheet;
    }

    private static Markup Pair(ImageSet set, Confused pair) => Markup.Of($"""
        <figure class="strip"><figcaption><b>{set.ClassNames[pair.Truth]}</b> taken for <b>{set.ClassNames[pair.Answer]}</b>:
        {pair.Images.Count} of {set.Labels.Count(label => label == pair.Truth)}</figcaption>
        {Markup.Each(pair.Images.Take(PicturesOfPair), i => Pictures.Of(set, i,
            $"{set.ClassNames[pair.Truth]}, taken for {set.ClassNames[pair.Answer]}"))}
        </figure>
        """);
}
