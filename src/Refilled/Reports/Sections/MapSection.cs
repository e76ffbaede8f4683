using System.Text.Json;
using Refilled.Data;
using Refilled.Evaluation.Clustering;
using Refilled.Experiments;
using Refilled.Charts;
using Refilled.Reports.Html;
using Refilled.Reports.Looks;
using Refilled.Training;

namespace Refilled.Reports.Sections;

/// <summary>The embedding as a map: images that the network takes to be alike lie together.</summary>
internal static class MapSection
{
    /// <summary>Most images of it.</summary>
    public const int Most = 800;

    private const int SpriteSide = 32, SpriteColumns = 32, LeastImages = 8;
    private const double Width = 880, High = 560;

    public static Markup Of(ReportFacts facts, CancellationToken cancel)
    {
        if (facts.Look is not { } look || look.Measured.Count < LeastImages) return Markup.Nothing;
        var places = Spread(look.Measured, Most);
        var all = look.Tested.UnitRows();
        var rows = places.Select(i => all[i]).ToList();
        var map = NeighbourMap.Of(rows, Math.Min(30, (rows.Count - 1) / 3.0 - 1e-9), cancel);
        var set = look.Measured.At(places);
        var panel = new MapPanel($"{set.Count} test images",
            "t-SNE of the embedding's unit rows: neighbours are alike; distances between groups mean little",
            [.. map.Places.Select(place => (place[0], place[1]))], set.Labels, []);
        var sheet = new Sheet(Width, High, "Map of the embedding", $"{set.Count} test images of {set.Classes} classes by t-SNE.");
        panel.Draw(sheet, 0, 0, Width, High);
        return Markup.Of($"""
            <section id="map"><h2>Map of the embedding</h2>
            <p class="screen">Point at an image, or move over the map with the arrow keys, to see it.</p>
            <figure class="map" tabindex="0" role="application" aria-label="Map of the embedding; arrow keys move from image to image">
            {Chart.Of(sheet, "embedding")}<div class="hover" hidden><div class="picture"></div><p></p></div></figure>
            <p id="map-words" class="screen" aria-live="polite"></p>
            {(set.Classes <= 32 ? Key(set) : Markup.Nothing)}
            <script type="application/json" id="map-data">{Data(look, set, places)}</script></section>
            """);
    }

    /// <summary>Positions that are evenly spread over the classes.</summary>
    private static IReadOnlyList<int> Spread(ImageSet set, int most)
    {
        var byClass = Enumerable.Range(0, set.Count).OrderBy(i => set.Labels[i]).ToList();
        return [.. Evenly.Places(set.Count, most).Select(i => byClass[i])];
    }

    private static Markup Key(ImageSet set) => Markup.Of($"""
        <ul class="key">{Markup.Each(set.ClassNames.Index(), one => Markup.Of($"<li>{new Markup(Sign(one.Index))}{one.Item}</li>"))}</ul>
        """);

    private static string Sign(int group)
    {
        var sheet = new Sheet(12, 12, "", "");
        sheet.Add(MapPanel.Sign(group, 6, 6, 4.5));
        return SvgSheet.Ornament(sheet);
    }

    /// <summary>What the page's script needs: the small pictures, and the words of each.</summary>
    private static Markup Data(NetworkLook look, ImageSet set, IReadOnlyList<int> places)
    {
        var answers = look.Classifies ? new Answers(look) : null;
        var json = JsonSerializer.Serialize(new
        {
            Side = SpriteSide,
            Columns = SpriteColumns,
            Sprite = Pictures.Sprite(look.Measured, places, SpriteSide, SpriteColumns),
            Words = places.Select((place, i) => answers is null ? set.ClassNames[set.Labels[i]]
                : answers.Of[place] == set.Labels[i] ? $"{set.ClassNames[set.Labels[i]]}, right"
                : $"{set.ClassNames[set.Labels[i]]}, taken for {set.ClassNames[answers.Of[place]]}"),
        }, RunFolder.Json);
        // Within a script nothing but its end is special.
        return new Markup(json.Replace("<", "\\u003c", StringComparison.Ordinal));
    }
}
