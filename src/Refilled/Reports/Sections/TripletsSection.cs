using Refilled.Data;

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
            <p>Of {set.Count} test images: the network finds the impostor, of another class, nearer to the anchor than the neighbour, which is of
            its class. Distances are those of unit embeddings, from 0 to 2.{(facts.Teacher is { } teacher
                ? $" The teacher ({teacher.Name}) was asked about the same images." : "")}</p>
            {Markup.Each(hardest, triplet => Strip(set, triplet, rows, facts.Teacher))}
            </section>
            """);
    }

    private static Markup Strip(ImageSet set, HardTriplet triplet, IReadOnlyList<double[]> rows, TeacherRows? teacher)
    {
        Markup One(int i, string role) => Markup.Of($"""
            <div>{Pictures.Of(set, i, $"{role}: {set.ClassNames[set.Labels[i]]}")}<span>{role}<br>{set.ClassNames[set.Labels[i]]}</span></div>
            """);
        Markup Says(string who, IReadOnlyList<double[]> of) => Markup.Of($"""
            <tr><th scope="row">{who}</th><td class="n">{triplet.ToNeighbour(of):0.00}</td><td class="n">{triplet.ToImpostor(of):0.00}</td></tr>
            """);
        return Markup.Of($"""
            <figure class="triplet">{One(triplet.Anchor, "anchor")}{One(triplet.Neighbour, "neighbour")}{One(triplet.Impostor, "impostor")}
            <table><thead><tr><th>distance to</th><th class="n">neighbour</th><th class="n">impostor</th></tr></thead><tbody>
            {Says("network", rows)}{(teacher is null ? Markup.Nothing : Says("teacher", teacher.Rows))}</tbody></table></figure>
            """);
    }
}
