using Refilled.Data;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;
using static System.FormattableString;

namespace Refilled.Reports.Sections;

/// <summary>The hardest triplets: an anchor whose impostor the student takes to be nearer than its neighbour.</summary>
internal static class TripletsSection
{
    /// <summary>Most images among which they are looked for.</summary>
    public const int Most = 200;

    private const int Shown = 6;

    /// <summary>The images among which triplets are looked for: the first of each class in turn.</summary>
    public static ImageSet Among(ImageSet set)
    {
        var turns = Enumerable.Range(0, set.Count).GroupBy(i => set.Labels[i])
            .SelectMany(own => own.Index()).OrderBy(one => one.Index).ThenBy(one => set.Labels[one.Item]).Select(one => one.Item);
        return set.At([.. turns.Take(Most)]);
    }

    public static Markup Of(ReportFacts facts)
    {
        if (facts.Look is not { } look) return Markup.Nothing;
        var set = Among(look.Measured);
        var place = look.Measured.SampleIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var all = look.Tested.UnitRows();
        var rows = set.SampleIds.Select(id => all[place[id]]).ToList();
        var hardest = HardTriplet.Of(rows, set.Labels).Take(Shown).ToList();
        if (hardest.Count == 0) return Markup.Nothing;
        return Markup.Of($"""
            <section id="triplets"><h2>The hardest comparisons</h2>
            <p>Of {set.Count} test images: the network finds the impostor, of another class, nearer to the anchor than the neighbour, which
            is of its class. Distances are those of unit embeddings, from 0 to 2.{(facts.Teacher is { } teacher
                ? $" The teacher ({teacher.Name}) was asked about the same images." : "")}</p>
            {Markup.Each(hardest, triplet => Strip(set, triplet, rows, facts.Teacher))}
            </section>
            """);
    }

    private static Markup Strip(ImageSet set, HardTriplet triplet, IReadOnlyList<double[]> rows, TeacherRows? teacher)
    {
        Markup One(int i, string role)
        {
            var name = set.ClassNames[set.Labels[i]];
            return Markup.Of($"<div>{Pictures.Of(set, i, $"{role}: {name}")}<span>{role}<br>{name}</span></div>");
        }
        IReadOnlyList<string> Says(string who, IReadOnlyList<double[]> of) =>
            [who, Invariant($"{triplet.ToNeighbour(of):0.00}"), Invariant($"{triplet.ToImpostor(of):0.00}")];
        return Markup.Of($"""
            <figure class="triplet">
            {One(triplet.Anchor, "anchor")}{One(triplet.Neighbour, "neighbour")}{One(triplet.Impostor, "impostor")}
            {Table.Of(["distance to", "#neighbour", "#impostor"],
                teacher is null ? [Says("network", rows)] : [Says("network", rows), Says("teacher", teacher.Rows)])}
            </figure>
            """);
    }
}
