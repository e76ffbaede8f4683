using System.Globalization;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Evaluation.Clustering;

namespace Refilled.Figures.FirstStage;

/// <summary>Makes maps of embeddings.</summary>
internal static class MapMaker
{
    /// <summary>The maps of one embedding: its first two principal components, and t-SNE.</summary>
    /// <param name="of">Whose it is.</param>
    /// <param name="read">The embedding.</param>
    /// <param name="perplexity">Of t-SNE.</param>
    /// <param name="cancel">Stops it.</param>
    public static IEnumerable<MapLayout> Of(string of, Readings read, double perplexity, CancellationToken cancel)
    {
        var rows = read.UnitRows();
        var flat = PrincipalComponents.Of(rows, 2);
        yield return Layout(of, "pca", flat.Places, flat.Explained.Sum());
        var map = NeighbourMap.Of(rows, perplexity, cancel);
        yield return Layout(of, "t-sne", map.Places, map.Divergence);
    }

    /// <summary>The images that are shown: one of each class in turn.</summary>
    public static IReadOnlyList<MapImage> Images(ImageSet set, int count)
    {
        var byClass = Enumerable.Range(0, set.Count).GroupBy(i => set.Labels[i])
            .OrderBy(own => own.Key).Select(own => own.ToList()).ToList();
        var turns = from turn in Enumerable.Range(0, byClass.Max(own => own.Count))
                    from own in byClass
                    where turn < own.Count
                    select own[turn];
        return [.. turns.Take(count).Select(position => new MapImage(position, MapImage.Draw(set, position)))];
    }

    private static MapLayout Layout(string of, string kind, double[][] places, double quality) => new(of, kind,
        [.. places.Select(place => Short(place[0]))], [.. places.Select(place => Short(place[1]))], Math.Round(quality, 4));

    /// <summary>A number with five digits that count: more can't be seen.</summary>
    private static double Short(double number) => number == 0 ? 0
        : double.Parse(number.ToString("g5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
