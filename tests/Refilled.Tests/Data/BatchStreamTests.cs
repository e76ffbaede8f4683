using Refilled.Data;
using Refilled.Tests.Support;
using TorchSharp;

namespace Refilled.Tests.Data;

public class BatchStreamTests
{
    private static readonly ImageSet Set = MadeUpImages.Set(50, 5).OfClasses([1, 2, 4]);

    private static List<(long Id, int View, long Label, string Pixels)> Read(BatchStream stream, int epoch, int fromStep = 0)
    {
        var read = new List<(long, int, long, string)>();
        foreach (var batch in stream.Epoch(epoch, fromStep))
        {
            using (batch)
            {
                var labels = batch.Labels.data<long>().ToArray();
                for (var i = 0; i < batch.Size; i++)
                {
                    using var image = batch.Images[i];
                    read.Add((batch.SampleIds[i], batch.Views[i], labels[i], Convert.ToHexString(image.bytes)));
                }
            }
        }
        return read;
    }

    [Fact]
    public void An_epoch_has_every_image_once_and_views_follow_the_epoch()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = 8, Views = 3 });
        Assert.Equal(4, stream.StepsPerEpoch);
        for (var epoch = 0; epoch < 5; epoch++)
        {
            var read = Read(stream, epoch);
            Assert.Equal(Set.SampleIds.Order(), read.Select(r => r.Id).Order());
            Assert.All(read, r => Assert.Equal(epoch % 3, r.View));
            Assert.All(read, r => Assert.Equal(Set.Labels[Set.SampleIds.ToList().IndexOf(r.Id)], r.Label));
        }
        Assert.NotEqual(Read(stream, 0).Select(r => r.Id), Read(stream, 3).Select(r => r.Id));
    }

    [Fact]
    public void The_same_view_has_the_same_pixels_in_any_order()
    {
        var one = Read(new BatchStream(Set, new BatchStreamOptions { BatchSize = 8, OrderSeed = 1, Views = 2 }), 0);
        var other = Read(new BatchStream(Set, new BatchStreamOptions { BatchSize = 5, OrderSeed = 2, Views = 2, Prefetch = 1 }), 4);
        Assert.NotEqual(one.Select(r => r.Id), other.Select(r => r.Id));
        Assert.Equal(one.OrderBy(r => r.Id), other.OrderBy(r => r.Id));
    }

    [Fact]
    public void From_a_step_on_it_is_the_tail_of_the_epoch()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = 8 });
        var whole = Read(stream, 3);
        for (var step = 0; step <= 4; step++) Assert.Equal(whole.Skip(8 * step), Read(stream, 3, step));
    }

    [Fact]
    public void Fresh_views_differ_in_every_epoch()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { Views = 0 });
        Assert.Equal([0, 1, 17], new[] { 0, 1, 17 }.Select(epoch => Read(stream, epoch)[0].View));
    }

    [Fact]
    public void Evaluation_keeps_order_and_pixels()
    {
        var read = Read(BatchStream.Evaluation(Set, 7), 0);
        Assert.Equal(Set.SampleIds, read.Select(r => r.Id));
        Assert.All(read, r => Assert.Equal((View.Evaluation, Convert.ToHexString(Set.Store[r.Id])), (r.View, r.Pixels)));
    }

    [Fact]
    public void Leaving_early_and_starting_again_works()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = 2, Prefetch = 2 });
        for (var i = 0; i < 20; i++)
        {
            foreach (var batch in stream.Epoch(i))
            {
                batch.Dispose();
                break;
            }
        }
        Assert.Equal(30, Read(stream, 0).Count);
    }

    [Fact]
    public void What_goes_wrong_in_the_background_is_thrown_in_front()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { Policy = null! });
        Assert.Throws<NullReferenceException>(() => Read(stream, 0));
    }

    [Fact]
    public void Batches_outlive_the_scope_that_they_were_read_in()
    {
        Batch batch;
        using (torch.NewDisposeScope()) batch = BatchStream.Evaluation(Set).Epoch(0).First();
        Assert.Equal(30, batch.Images.shape[0]);
        batch.Dispose();
    }
}
