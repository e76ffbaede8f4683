using CsCheck;
using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

public class ImageSetTests
{
    [Fact]
    public void Classes_are_relabelled_in_the_order_given_and_keep_their_sample_ids()
    {
        var set = MadeUpImages.Set(20, 5).OfClasses([3, 1]);
        Assert.Equal(["class3", "class1"], set.ClassNames);
        Assert.Equal([1, 3, 6, 8, 11, 13, 16, 18], set.SampleIds);
        Assert.Equal([1, 0, 1, 0, 1, 0, 1, 0], set.Labels);
    }

    [Fact]
    public void A_class_without_images_is_named()
    {
        var set = MadeUpImages.Set(3, 5);
        Assert.Contains("'class4' has no images", Assert.Throws<InputException>(() => set.OfClasses([0, 4])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_images_per_class_are_a_part_of_more()
    {
        var set = MadeUpImages.Set(100, 5);
        var (few, more) = (set.TakePerClass(4, 1), set.TakePerClass(9, 1));
        Assert.Subset(more.SampleIds.ToHashSet(), few.SampleIds.ToHashSet());
        Assert.All(few.Labels.GroupBy(label => label), group => Assert.Equal(4, group.Count()));
        // The choice doesn't depend on which other classes were selected.
        Assert.Equal(few.OfClasses([2]).SampleIds, set.OfClasses([4, 2]).TakePerClass(4, 1).OfClasses([1]).SampleIds);
        Assert.Contains("'class0' has 20", Assert.Throws<InputException>(() => set.TakePerClass(21, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Held_out_images_are_disjoint_and_stratified() =>
        Gen.Select(Gen.Int[2, 60], Gen.Double[0.01, 0.5], Gen.Int[0, 100]).Sample((perClass, fraction, seed) =>
        {
            var set = MadeUpImages.Set(perClass * 3, 3, size: 1, channels: 1);
            var (train, heldOut) = set.HoldOut(fraction, seed);
            Assert.Equal(set.SampleIds, train.SampleIds.Concat(heldOut.SampleIds).Order());
            var expected = Math.Max(1, (int)Math.Round(fraction * perClass, MidpointRounding.AwayFromZero));
            Assert.All(Enumerable.Range(0, 3), c => Assert.Equal(expected, heldOut.Labels.Count(label => label == c)));
        }, iter: 100);

    [Fact]
    public void Images_of_one_subject_are_never_on_both_sides() =>
        Gen.Select(Gen.Int[4, 60], Gen.Double[0.05, 0.5], Gen.Int[0, 100], Gen.Int[1, 5]).Sample((perClass, fraction, seed, together) =>
        {
            var plain = MadeUpImages.Set(perClass * 3, 3, size: 1, channels: 1);
            // Neighbours belong together, so that a subject has images of several classes.
            var subjects = Enumerable.Range(0, plain.Count).Select(i => i / together).ToArray();
            var set = new ImageSet(plain.Store, plain.SampleIds, plain.Labels, plain.ClassNames) { SubjectOf = subjects };
            var (train, heldOut) = set.HoldOut(fraction, seed);
            Assert.Equal(set.SampleIds, train.SampleIds.Concat(heldOut.SampleIds).Order());
            Assert.Empty(train.SampleIds.Select(id => subjects[id]).Intersect(heldOut.SampleIds.Select(id => subjects[id])));
            // What is held out again of a part keeps together, too.
            var (less, more) = train.OfClasses([2, 0]).With(null).HoldOut(fraction, seed);
            Assert.Empty(less.SampleIds.Select(id => subjects[id]).Intersect(more.SampleIds.Select(id => subjects[id])));
            var wanted = Math.Max(1, (int)Math.Round(fraction * perClass, MidpointRounding.AwayFromZero));
            Assert.All(Enumerable.Range(0, 3), c => Assert.InRange(heldOut.Labels.Count(label => label == c), 1, wanted + (2 * together)));
        }, iter: 100);

    [Fact]
    public void A_class_of_one_subject_is_not_divided()
    {
        var plain = MadeUpImages.Set(20, 2);
        var set = new ImageSet(plain.Store, plain.SampleIds, plain.Labels, plain.ClassNames)
            { SubjectOf = [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 0 : i)] };
        Assert.All(set.HoldOut(0.3, 0).HeldOut.Labels, label => Assert.Equal(1, label));
        Assert.Equal(3, set.HoldOut(0.3, 0).HeldOut.Count);
    }

    [Fact]
    public void Nothing_is_held_out_at_0_nor_from_a_single_image()
    {
        Assert.Equal(0, MadeUpImages.Set(10, 5).HoldOut(0, 0).HeldOut.Count);
        Assert.Equal(0, MadeUpImages.Set(3, 3).HoldOut(0.5, 0).HeldOut.Count);
        Assert.Contains("without training images", Assert.Throws<InputException>(() => MadeUpImages.Set(6, 3).HoldOut(0.9, 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Each_class_keeps_its_own_order_whatever_else_is_taken() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int, Gen.Int[1, 4]).Sample((few, more, seed, classes) =>
        {
            (few, more) = (Math.Min(few, more), Math.Max(few, more));
            var set = MadeUpImages.Set(20 * classes, classes, size: 1, channels: 1);
            var (small, large) = (set.TakePerClass(few, seed), set.TakePerClass(more, seed));
            Assert.Subset(large.SampleIds.ToHashSet(), small.SampleIds.ToHashSet());
            Assert.All(Enumerable.Range(0, classes), c => Assert.Equal(few, small.Labels.Count(label => label == c)));
            Assert.All(small.SampleIds.Zip(small.Labels), pair => Assert.Equal(pair.First % classes, pair.Second));
        }, iter: 100);

    [Fact]
    public void Another_seed_chooses_other_images()
    {
        var set = MadeUpImages.Set(200, 2, size: 1, channels: 1);
        Assert.NotEqual(set.TakePerClass(10, 1).SampleIds, set.TakePerClass(10, 2).SampleIds);
        Assert.NotEqual(set.HoldOut(0.1, 1).HeldOut.SampleIds, set.HoldOut(0.1, 2).HeldOut.SampleIds);
    }

    [Fact]
    public void Arguments_without_sense_are_refused()
    {
        var set = MadeUpImages.Set(20, 5);
        Assert.Throws<ArgumentException>(() => set.OfClasses([1, 5]));
        Assert.Throws<ArgumentException>(() => set.OfClasses([1, -1]));
        Assert.Throws<ArgumentException>(() => set.OfClasses([2, 1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.TakePerClass(0, 0));
        foreach (var fraction in new[] { -0.1, 1.1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => set.HoldOut(fraction, 0));
        Assert.Throws<ArgumentException>(() => new ImageSet(set.Store, [0, 1], [0], ["a"]));
        Assert.Throws<ArgumentException>(() => new ImageSet(set.Store, [20], [0], ["a"]));
        Assert.Throws<ArgumentException>(() => new ImageSet(set.Store, [0], [1], ["a"]));
    }

    [Fact]
    public void A_store_is_filled_image_by_image()
    {
        var store = ImageStore.Create(3, new ImageShape(1, 2, 2), (pixels, id) => pixels.Fill((byte)(id + 1)));
        Assert.Equal([3, 3, 3, 3], store[2].ToArray());
        Assert.Equal((3, new ImageShape(1, 2, 2), new ImageShape(1, 2, 2), 12),
            (store.Count, store.ViewShape, store.ShapeOf(2), store.Bytes));
    }
}
