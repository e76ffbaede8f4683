using System.Security.Cryptography;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>Views that are mixed with those of other images.</summary>
public class MixedViewTests
{
    private static readonly Augmentation Both = new() { Mixup = 0.4, Cutmix = 1 };
    private static readonly ImageSet Set = MadeUpImages.Set(40, 5).With(Both);

    private static List<(long Id, int View, long Label, long Partner, float Share, string Pixels)> Read(BatchStream stream, int epoch)
    {
        var read = new List<(long, int, long, long, float, string)>();
        foreach (var batch in stream.Epoch(epoch))
        {
            using (batch)
            {
                var (labels, partners, shares) = (batch.Labels.data<long>().ToArray(), batch.PartnerLabels!.data<long>().ToArray(),
                    batch.Shares!.data<float>().ToArray());
                for (var i = 0; i < batch.Size; i++)
                {
                    using var image = batch.Images[i];
                    read.Add((batch.SampleIds[i], batch.Views[i], labels[i], partners[i], shares[i], Convert.ToHexString(image.bytes)));
                }
            }
        }
        return [.. read.OrderBy(one => one)];
    }

    [Fact]
    public void The_same_view_has_the_same_pixels_and_labels_in_any_order_and_thread()
    {
        var expected = Read(new BatchStream(Set, new BatchStreamOptions { BatchSize = 8, OrderSeed = 1, Views = 2 }), 0);
        Assert.All(expected, one => Assert.Equal(View.MixedOf(0), one.View));
        Parallel.For(0, 8, i => Assert.Equal(expected, Read(new BatchStream(Set,
            new BatchStreamOptions { BatchSize = 3 + i, OrderSeed = i, Views = 2, Prefetch = i % 3, PerClass = 1 + i % 2 }), 2 * i)));
        // Nor does it depend on the order of the set's own images.
        var turned = Set.At([.. Enumerable.Range(0, Set.Count).Reverse()]);
        Assert.Equal(expected, Read(new BatchStream(turned, new BatchStreamOptions { Views = 2 }), 0));
        Assert.NotEqual(expected, Read(new BatchStream(Set, new BatchStreamOptions { Views = 2 }), 1));
        Assert.NotEqual(expected, Read(new BatchStream(Set, new BatchStreamOptions { Views = 2, ViewSeed = 1 }), 0));
    }

    [Fact]
    public void A_mixed_view_is_made_of_both_plain_views_by_the_formula()
    {
        var (shape, mixing) = (Set.Store.ViewShape, Both.Mixing!);
        var (own, other, drawn, averaged) = (new byte[shape.Bytes], new byte[shape.Bytes], new byte[shape.Bytes], 0);
        for (var number = 0; number < 200; number++)
        {
            var plain = new View(3, number % Set.Count, number);
            var blend = mixing.Draw(plain, Set.Count, shape);
            Set.Store.Draw(plain, own);
            Set.Store.Draw(plain with { SampleId = blend.Partner }, other); // the ids are the places here
            var mix = Set.Draw(plain with { Number = View.MixedOf(number) }, drawn)!.Value;
            Assert.Equal((blend.Partner, Set.Labels[blend.Partner], blend.Share(shape)), (mix.Partner, mix.Label, mix.Share));
            Assert.Equal(mix, Set.Partners!.Of(plain));
            if (blend.Box is null) averaged++;
            for (var i = 0; i < shape.Bytes; i++)
            {
                var (y, x) = (i / shape.Width % shape.Height, i % shape.Width);
                var expected = blend.Box is { } box
                    ? y >= box.Top && y < box.Top + box.Height && x >= box.Left && x < box.Left + box.Width ? other[i] : own[i]
                    : (int)Math.Floor((own[i] * (double)blend.Steps + other[i] * (256.0 - blend.Steps)) / 256 + 0.5);
                Assert.Equal(expected, drawn[i]);
            }
        }
        Assert.InRange(averaged, 70, 130);
    }

    [Theory]
    [InlineData(0.5, null)]
    [InlineData(null, 1.0)]
    public void The_weight_of_a_label_is_its_part_of_the_pixels(double? mixup, double? cutmix)
    {
        // Class 0 is black, class 1 is white, and nothing else varies.
        var store = ImageStore.Create(20, new ImageShape(3, 9, 11), (pixels, id) => pixels.Fill((byte)(id % 2 * 255)));
        var set = new ImageSet(store, [.. Enumerable.Range(0, 20)], [.. Enumerable.Range(0, 20).Select(i => i % 2)], ["black", "white"])
            .With(new Augmentation { Preset = AugmentationPreset.None, Mixup = mixup, Cutmix = cutmix });
        var shares = new List<float>();
        for (var epoch = 0; epoch < 20; epoch++)
            foreach (var one in Read(new BatchStream(set, new BatchStreamOptions { Views = 0 }), epoch))
            {
                var white = one.Label * one.Share + one.Partner * (1 - one.Share);
                Assert.Equal(white, Convert.FromHexString(one.Pixels).Average(value => value / 255.0), mixup is null ? 1e-6 : 0.51 / 255);
                shares.Add(one.Share);
            }
        Assert.True(shares.Min() < 0.3 && shares.Max() > 0.95 && shares.Distinct().Count() > 20);
        // Of mixup it is ½ in the mean; a box that leaves the image is cut, so that more is left of the view.
        Assert.InRange(shares.Average(), cutmix is null ? 0.46 : 0.5, cutmix is null ? 0.54 : 0.75);
    }

    [Fact]
    public void Partners_are_of_the_set_itself_and_have_its_labels()
    {
        var part = MadeUpImages.Set(40, 5).With(new Augmentation { Mixup = 10 }).OfClasses([3, 1]).HoldOut(0.25, 0).Train;
        var stream = new BatchStream(part, new BatchStreamOptions { Views = 0 });
        var partners = Enumerable.Range(0, 30).SelectMany(epoch => Read(stream, epoch)).Select(one => one.Partner);
        Assert.Equal([0, 1], partners.Distinct().Order());
        // An image that was held out has no part in any view.
        var (train, heldOut) = White(held: 3).With(new Augmentation { Preset = AugmentationPreset.None, Mixup = 10 }) is var all
            ? (all.At([0, 1, 2]), all.At([3])) : default;
        foreach (var one in Read(new BatchStream(train, new BatchStreamOptions { Views = 0 }), 4))
            Assert.Equal(new string('0', one.Pixels.Length), one.Pixels);
        Assert.All(Read(new BatchStream(heldOut, new BatchStreamOptions()), 0), one => Assert.Equal(one.Label, one.Partner));
    }

    /// <summary>Four black images, but for one.</summary>
    private static ImageSet White(int held) => new(
        ImageStore.Create(4, new ImageShape(3, 8, 8), (pixels, id) => pixels.Fill((byte)(id == held ? 255 : 0))),
        [0, 1, 2, 3], [0, 0, 0, 0], ["one"]);

    [Fact]
    public void Evaluation_and_unmixed_streams_show_images_as_they_are()
    {
        foreach (var stream in new[]
        {
            BatchStream.Evaluation(Set), new BatchStream(Set, new BatchStreamOptions { Mixed = false }),
            new BatchStream(MadeUpImages.Set(40, 5), new BatchStreamOptions()),
        })
            foreach (var batch in stream.Epoch(0))
                using (batch)
                {
                    Assert.Null(batch.PartnerLabels);
                    Assert.Null(batch.Shares);
                    Assert.All(batch.Views, view => Assert.False(new View(0, 0, view).IsMixed));
                    Assert.Same(batch.Labels, batch.MainLabels);
                }
    }

    [Fact]
    public void A_set_that_mixes_nothing_has_no_mixed_view() => Assert.Throws<InvalidOperationException>(
        () => MadeUpImages.Set(4, 2).Draw(new View(0, 0, View.MixedOf(0)), new byte[8 * 8 * 3]));

    [Fact]
    public void An_option_leaves_the_other_draws_as_they_are()
    {
        // Half of the views have an average whatever else there is, and of the same share with the same partner.
        var (alone, both) = (new Augmentation { Mixup = 0.4 }.Mixing!, Both.Mixing!);
        var same = Enumerable.Range(0, 100).Count(number => alone.Draw(new View(1, 2, number), 40, Set.Store.ViewShape)
            == both.Draw(new View(1, 2, number), 40, Set.Store.ViewShape));
        Assert.InRange(same, 30, 70);
    }

    [Fact]
    public void The_bytes_are_pinned()
    {
        var read = Enumerable.Range(0, 20).SelectMany(epoch => Read(new BatchStream(Set, new BatchStreamOptions { Views = 0 }), epoch));
        var bytes = read.SelectMany(one => Convert.FromHexString(one.Pixels).Append((byte)one.Partner)
            .Concat(BitConverter.GetBytes(one.Share))).ToArray();
        Assert.Equal("acd9261cccf2429d", Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }
}
