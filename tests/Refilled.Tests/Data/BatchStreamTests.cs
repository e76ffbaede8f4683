using CsCheck;
using Refilled.Data;
using Refilled.Data.Views;
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
    public void Leaving_early_stops_the_worker_before_it_returns()
    {
        var ids = new WatchedList(200, _ => Thread.Sleep(1));
        var stream = new BatchStream(Watched(ids), new BatchStreamOptions { BatchSize = 4, Prefetch = 2 });
        foreach (var batch in stream.Epoch(0))
        {
            batch.Dispose();
            break;
        }
        var (reads, reading) = (ids.Reads, ids.Reading);
        Assert.Equal(0, reading);
        Assert.InRange(reads, 4, 16); // the batch itself, two made ready, and one in hand
        Thread.Sleep(30);
        Assert.Equal(reads, ids.Reads);
    }

    [Fact]
    public void No_more_is_drawn_ahead_than_was_asked_for()
    {
        var ids = new WatchedList(200, _ => { });
        var stream = new BatchStream(Watched(ids), new BatchStreamOptions { BatchSize = 4, Prefetch = 3 });
        using var batches = stream.Epoch(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        batches.Current.Dispose();
        Thread.Sleep(50);
        Assert.InRange(ids.Reads, 4, 4 * (1 + 3 + 1));
    }

    [Fact]
    public void Without_prefetch_the_reader_draws_and_nothing_is_drawn_ahead()
    {
        var threads = new HashSet<int>();
        var ids = new WatchedList(40, _ => threads.Add(Environment.CurrentManagedThreadId));
        var stream = new BatchStream(Watched(ids), new BatchStreamOptions { BatchSize = 4, Prefetch = 0 });
        using var batches = stream.Epoch(0).GetEnumerator();
        Assert.Equal(0, ids.Reads);
        for (var step = 1; step <= 3; step++)
        {
            Assert.True(batches.MoveNext());
            batches.Current.Dispose();
            Assert.Equal(4 * step, ids.Reads);
        }
        Assert.Equal(Environment.CurrentManagedThreadId, Assert.Single(threads));
    }

    // The pool's threads may all wait for the reader.
    [Fact]
    public void Prefetching_needs_no_thread_of_the_pool()
    {
        var threads = new HashSet<bool>();
        foreach (var batch in new BatchStream(Watched(new WatchedList(8, _ => threads.Add(Thread.CurrentThread.IsThreadPoolThread))),
            new BatchStreamOptions { BatchSize = 4 }).Epoch(0))
            batch.Dispose();
        Assert.False(Assert.Single(threads));
    }

    public static TheoryData<Exception> Mishaps() =>
        [new InvalidDataException("a torn page"), new OperationCanceledException("of its own accord")];

    // Whatever it is: an epoch that ends early and quietly would be trained on.
    [Theory]
    [MemberData(nameof(Mishaps))]
    public void What_goes_wrong_in_the_background_is_thrown_in_front(Exception mishap)
    {
        var set = Watched(new WatchedList(40, index =>
        {
            if (index == 25) throw mishap;
        }));
        var read = 0;
        var thrown = Assert.Throws(mishap.GetType(), () =>
        {
            foreach (var batch in BatchStream.Evaluation(set, 10).Epoch(0))
            {
                read += batch.Size;
                batch.Dispose();
            }
        });
        Assert.Equal((20, mishap.Message), (read, thrown.Message));
    }

    // What the images of a batch look like hangs on the triple of their view, and on nothing else about the stream.
    [Fact]
    public void Images_are_their_views_whatever_the_stream() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 5], Gen.Int, Gen.Int[0, 20], Gen.Int[0, 4], Gen.Long, Gen.Int[0, 31])
            .Sample((batchSize, prefetch, order, epoch, views, viewSeed, fromStep) =>
        {
            var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = batchSize, Prefetch = prefetch, OrderSeed = order,
                ViewSeed = viewSeed, Views = views });
            var read = Read(stream, epoch, fromStep);
            Assert.Equal(fromStep >= stream.StepsPerEpoch ? 0 : 30 - fromStep * batchSize, read.Count);
            var drawn = new byte[Set.Store.ViewShape.Bytes];
            foreach (var (id, view, label, pixels) in read)
            {
                Assert.Equal(views == 0 ? epoch : epoch % views, view);
                Set.Store.Draw(new View(viewSeed, id, view), drawn);
                Assert.Equal(Convert.ToHexString(drawn), pixels);
                Assert.Equal(Set.ClassNames[(int)label], $"class{id % 5}");
            }
        }, iter: 150, threads: 2);

    [Fact]
    public void Streams_of_several_threads_do_not_disturb_each_other()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = 4, Prefetch = 1 });
        var alone = Enumerable.Range(0, 8).Select(epoch => Read(stream, epoch)).ToArray();
        var together = new List<(long, int, long, string)>[8];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, epoch => together[epoch] = Read(stream, epoch));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Tensors_have_the_documented_types_and_shapes()
    {
        using var batch = BatchStream.Evaluation(Set, 12).Epoch(0, 2).Single();
        Assert.Equal((torch.ScalarType.Byte, torch.ScalarType.Int64), (batch.Images.dtype, batch.Labels.dtype));
        Assert.Equal([6, 3, 8, 8], batch.Images.shape);
        Assert.Equal([6], batch.Labels.shape);
    }

    [Fact]
    public void Odd_lengths_are_met()
    {
        Assert.Equal(1, new BatchStream(Set, new BatchStreamOptions { BatchSize = int.MaxValue }).StepsPerEpoch);
        Assert.Equal(30, Assert.Single(BatchStream.Evaluation(Set, int.MaxValue).Epoch(0).Select(Size)));
        Assert.Empty(BatchStream.Evaluation(Set, 30).Epoch(0, 1));
        var nothing = BatchStream.Evaluation(Set.At([]));
        Assert.Equal(0, nothing.StepsPerEpoch);
        Assert.Empty(nothing.Epoch(0));
    }

    /// <summary>Over a single image batch norm has no variance. Passes without training are as they were, to the last bit.</summary>
    [Theory]
    [InlineData(25, 8, "8 8 9")]
    [InlineData(26, 8, "8 8 8 2")]
    [InlineData(24, 8, "8 8 8")]
    [InlineData(3, 2, "3")]
    [InlineData(9, 8, "9")]
    [InlineData(1, 8, "1")]
    [InlineData(3, 1, "1 1 1")]
    public void A_last_image_alone_joins_the_batch_before_it(int count, int batchSize, string sizes)
    {
        var set = MadeUpImages.Set(count, 2, size: 2);
        var stream = new BatchStream(set, new BatchStreamOptions { BatchSize = batchSize });
        Assert.Equal(sizes, string.Join(' ', stream.Epoch(1).Select(Size)));
        Assert.Equal(sizes.Split(' ').Length, stream.StepsPerEpoch);
        Assert.Equal(set.SampleIds, Read(stream, 1).Select(r => r.Id).Order());
        Assert.Equal(Read(stream, 1).Skip(sizes.Length == 1 ? count : batchSize), Read(stream, 1, 1));
        Assert.Equal((count + batchSize - 1) / batchSize, BatchStream.Evaluation(set, batchSize).StepsPerEpoch);
    }

    [Fact]
    public void Options_out_of_range_are_refused_at_once()
    {
        foreach (var options in new BatchStreamOptions[] { new() { BatchSize = 0 }, new() { Views = -1 }, new() { Prefetch = -1 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => new BatchStream(Set, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchStream.Evaluation(Set).Epoch(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchStream.Evaluation(Set).Epoch(0, -1));
    }

    private static int Size(Batch batch)
    {
        using (batch) return batch.Size;
    }

    private static ImageSet Watched(WatchedList ids) =>
        new(MadeUpImages.Set(ids.Count, 2, size: 2).Store, ids, new int[ids.Count], ["a", "b"]);

    [Fact]
    public void Batches_outlive_the_scope_that_they_were_read_in()
    {
        Batch batch;
        using (torch.NewDisposeScope()) batch = BatchStream.Evaluation(Set).Epoch(0).First();
        Assert.Equal(30, batch.Images.shape[0]);
        batch.Dispose();
    }

    [Fact]
    public void In_groups_images_of_a_class_stand_together_and_each_comes_once()
    {
        var stream = new BatchStream(Set, new BatchStreamOptions { BatchSize = 8, PerClass = 5 });
        var (one, other) = (Read(stream, 2), Read(stream, 3));
        Assert.Equal(Set.SampleIds.Order(), one.Select(r => r.Id).Order());
        foreach (var group in one.Chunk(5)) Assert.Single(group.Select(r => r.Label).Distinct());
        Assert.NotEqual(one.Select(r => r.Id), other.Select(r => r.Id));
        Assert.NotEqual(one.Chunk(5).Select(group => group[0].Label), other.Chunk(5).Select(group => group[0].Label));
        // Ten images of a class in groups of four leave a group of two, which is kept.
        Assert.Equal(Set.Count, Read(new BatchStream(Set, new BatchStreamOptions { BatchSize = 8, PerClass = 4 }), 0)
            .Select(r => r.Id).Distinct().Count());
    }
}
