using Refilled.Data;
using Refilled.Reports.Html;

namespace Refilled.Reports.Sections;

/// <summary>Test images that stand among the training images, too: the network may know them by heart.</summary>
internal static class DuplicatesSection
{
    private const int Shown = 12;

    public static Markup Of(ReportFacts facts, CancellationToken cancel)
    {
        if (facts.Look is not { } look || look.Examples.Count == 0) return Markup.Nothing;
        var found = Duplicates.Find(look.Data with { Train = look.Examples, Validation = null, Test = look.Measured }, cancel);
        var (exact, near) = (found.Exact.InTwoParts, found.Near.InTwoParts);
        return Markup.Of($"""
            <section id="duplicates"><h2>Test images that the training has seen</h2>
            <p>{exact.Count} of {look.Measured.Count} test images have the pixels of one of {look.Examples.Count} training images, and
            {near.Count} more look like one. {(exact.Count + near.Count == 0 ? "" : "An accuracy that counts them is too good.")}</p>
            {(exact.Count + near.Count == 0 ? Markup.Nothing : Markup.Of($"""
                <ul class="tiles">{Markup.Each(exact.Concat(near).Take(Shown), pair => Tile(look.Data, pair))}</ul>
                """))}
            </section>
            """);
    }

    private static Markup Tile(Dataset data, Repeat pair)
    {
        var both = new ImageSet(data.Train.Store, [pair.FirstId, pair.AgainId], [0, 0], [""]);
        return Markup.Of($"""
            <li>{Pictures.Of(both, 0, pair.First)}{Pictures.Of(both, 1, pair.Again)}<span>{pair.First}<br>{pair.Again}</span></li>
            """);
    }
}
