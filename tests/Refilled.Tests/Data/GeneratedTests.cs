using Refilled.Data;
using Refilled.Data.Sources;

namespace Refilled.Tests.Data;

public class GeneratedTests
{
    // Recorded results name this hash: a world must stay what it was, on every machine.
    [Fact]
    public void The_world_of_seed_0_is_what_it_was() =>
        Assert.Equal("fbfb05f43235", DataCatalog.Load("generated:0,classes=6,train=4,test=2").Hash[..12]);

    [Fact]
    public void A_world_is_a_function_of_its_seed_and_its_pictures_are_not_alike()
    {
        var (a, b, other) = (Small(3), Small(3), Small(4));
        Assert.Equal(a.Hash, b.Hash);
        Assert.NotEqual(a.Hash, other.Hash);
        var pictures = a.Train.SampleIds.Concat(a.Test.SampleIds).Select(id => Convert.ToHexString(a.Train.Store[id])).ToList();
        Assert.Equal(pictures.Count, pictures.Distinct().Count());
    }

    [Fact]
    public void It_has_the_classes_images_and_groups_that_were_asked_for()
    {
        var data = Small(0);
        Assert.Equal((12, 36, 24), (data.Train.Classes, data.Train.Count, data.Test.Count));
        Assert.Equal(12, data.Train.ClassNames.Distinct().Count());
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2], data.Groups!.GroupOf);
        Assert.All(Enumerable.Range(0, 12),
            c => Assert.StartsWith(data.Groups.Names[data.Groups.GroupOf[c]] + " ", data.Train.ClassNames[c], StringComparison.Ordinal));
        Assert.Empty(data.Train.SampleIds.Intersect(data.Test.SampleIds));
    }

    [Fact]
    public void More_classes_leave_the_first_ones_as_they_were()
    {
        var (few, many) = (DataCatalog.Load("generated:5,classes=6,train=2,test=1"),
            DataCatalog.Load("generated:5,classes=12,train=2,test=1"));
        Assert.Equal(few.Train.ClassNames, many.Train.ClassNames.Take(6));
        foreach (var id in few.Train.SampleIds) Assert.Equal(few.Train.Store[id].ToArray(), many.Train.Store[id].ToArray());
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(100)]
    public void Pictures_of_any_size_use_the_whole_range(int size)
    {
        var data = DataCatalog.Load("generated:1,classes=4,train=8,test=1", new DataOptions { ImageSize = size });
        Assert.Equal(new ImageShape(3, size, size), data.Train.Store.ViewShape);
        var values = data.Train.SampleIds.SelectMany(id => data.Train.Store[id].ToArray()).ToList();
        Assert.InRange(values.Average(value => (double)value), 70, 180);
        Assert.InRange(values.Distinct().Count(), 240, 256);
    }

    [Fact]
    public void Species_of_a_genus_share_its_plan_and_differ_in_their_own_traits()
    {
        var all = Refilled.Data.Creatures.Species.Of(7, 60);
        foreach (var genus in all.GroupBy(one => one.Genus))
        {
            Assert.Single(genus.Select(one => (one.Build, one.Legs, one.Neck, one.Tail, one.Back)).Distinct());
            Assert.Equal(genus.Count(), genus.Select(one => (one.Crown, one.Face, one.Pattern, one.BaseHue, one.MarkHue))
                .Distinct().Count());
        }
        // Traits are shared between genera, so that what is learned of some helps with others.
        Assert.All(Enum.GetValues<Refilled.Data.Creatures.Pattern>(),
            pattern => Assert.True(all.Where(one => one.Pattern == pattern).Select(one => one.Genus).Distinct().Count() > 1));
    }

    [Theory]
    [InlineData("generated:x", "'x' can't be read")]
    [InlineData("generated:0,clases=4", "Did you mean 'classes'?")]
    [InlineData("generated:0,classes=1", "classes must be from 2")]
    [InlineData("generated:0,train=0", "train must be from 1")]
    [InlineData("generated:-1", "'-1' can't be read")]
    [InlineData("generated:0,5", "'5' can't be read")]
    public void What_can_not_be_read_is_said(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => DataCatalog.Check(spec)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(7)]
    [InlineData(1025)]
    public void Impossible_sizes_are_refused(int size) =>
        Assert.Contains("from 8 to 1024", Assert.Throws<InputException>(
            () => DataCatalog.Load("generated", new DataOptions { ImageSize = size })).Message, StringComparison.Ordinal);

    [Fact]
    public void Everything_but_the_kind_may_be_left_out()
    {
        Assert.Equal(new Generated.Spec(), Generated.Spec.Parse(""));
        Assert.Equal(new Generated.Spec(Classes: 4), Generated.Spec.Parse(",classes=4"));
        DataCatalog.Check("generated");
        DataCatalog.Check("generated,classes=4");
    }

    private static Dataset Small(int seed) => DataCatalog.Load($"generated:{seed},classes=12,train=3,test=2");
}
