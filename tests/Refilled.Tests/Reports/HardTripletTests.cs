using Refilled.Reports.Looks;

namespace Refilled.Tests.Reports;

public class HardTripletTests
{
    [Fact]
    public void They_are_those_of_a_search_over_all_triplets()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 24).Select(_ => new[] { random.NextDouble(), random.NextDouble(), random.NextDouble() }).ToList();
        var labels = Enumerable.Range(0, 24).Select(i => i % 5).ToList();
        double Distance(int a, int b) => Math.Sqrt(rows[a].Zip(rows[b], (x, y) => (x - y) * (x - y)).Sum());
        var all = (from anchor in Enumerable.Range(0, 24)
                   let found = from neighbour in Enumerable.Range(0, 24)
                               from impostor in Enumerable.Range(0, 24)
                               where neighbour != anchor && labels[neighbour] == labels[anchor] && labels[impostor] != labels[anchor]
                               let gap = Distance(anchor, impostor) - Distance(anchor, neighbour)
                               where gap < 0
                               orderby gap
                               select (Triplet: new HardTriplet(anchor, neighbour, impostor), Gap: gap)
                   where found.Any()
                   select found.First()).OrderBy(one => one.Gap).Select(one => one.Triplet).DistinctBy(one => one.Impostor).ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all, HardTriplet.Of(rows, labels));
        Assert.Equal(Distance(all[0].Anchor, all[0].Impostor), all[0].ToImpostor(rows), 1e-12);
        Assert.True(all[0].ToNeighbour(rows) > all[0].ToImpostor(rows));
    }

    [Fact]
    public void Classes_that_lie_apart_have_none() =>
        Assert.Empty(HardTriplet.Of([[0, 0], [0, 0.1], [1, 0], [1, 0.1]], [0, 0, 1, 1]));

    [Fact]
    public void An_image_alone_in_its_class_is_no_anchor() => Assert.Empty(HardTriplet.Of([[0, 0], [1, 0]], [0, 1]));
}
