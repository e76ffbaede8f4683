using CsCheck;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.Tests.Support;
using TorchSharp;

namespace Refilled.Tests.Data.Episodes;

public class EpisodeStreamTests
{
    // Labels and ids of the set differ from the task's and from positions: 30 images, ten of each class.
    private static readonly ImageSet Set = MadeUpImages.Set(50, 5).OfClasses([4, 1, 2]);
    private static readonly EpisodeShape Shape = new() { Way = 2, Shot = 3, Query = 4 };
    private static readonly EpisodeStreamOptions Options = new() { Shape = Shape, Seed = 7, ViewSeed = 5, EpisodesPerEpoch = 6 };

    private static List<(long Id, int View, long Label, string Pixels)[]> Read(EpisodeStream stream, int epoch, int fromStep = 0)
    {
        var read = new List<(long, int, long, string)[]>();
        foreach (var batch in stream.Epoch(epoch, fromStep))
        {
            using (batch)
            {
                var labels = batch.Labels.data<long>().ToArray();
                read.Add([.. Enumerable.Range(0, batch.Size).Select(i =>
                {
                    using var image = batch.Images[i];
                    return (batch.SampleIds[i], batch.Views[i], labels[i], Convert.ToHexString(image.bytes));
                })]);
            }
        }
        return read;
    }

    [Fact]
    public void Each_batch_is_a_task_of_the_sampler_support_first_in_a_fresh_view()
    {
        var (stream, sampler) = (new EpisodeStream(Set, Options), new EpisodeSampler(Set, Shape, 7));
        Assert.Equal(6, stream.StepsPerEpoch);
        var drawn = new byte[Set.Store.ViewShape.Bytes];
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var read = Read(stream, epoch);
            Assert.Equal(6, read.Count);
            for (var step = 0; step < 6; step++)
            {
                var (task, rows) = (6 * epoch + step, read[step]);
                var episode = sampler[task];
                Assert.Equal(episode.Support.Concat(episode.Queries).Select(position => Set.SampleIds[position]),
                    rows.Select(row => row.Id));
                Assert.Equal(Enumerable.Range(0, 14).Select(i => (i % 2, task)), rows.Select(row => ((int)row.Label, row.View)));
                // The task's class is one of the set's.
                foreach (var row in rows)
                {
                    Assert.Equal(Set.ClassNames[episode.Classes[(int)row.Label]], $"class{row.Id % 5}");
                    Set.Store.Draw(new View(5, row.Id, task), drawn);
                    Assert.Equal(Convert.ToHexString(drawn), row.Pixels);
                }
                Assert.Equal(14, rows.Select(row => row.Id).Distinct().Count());
            }
        }
    }

    [Fact]
    public void From_a_step_on_it_is_the_tail_of_the_epoch()
    {
        var stream = new EpisodeStream(Set, Options);
        var whole = Read(stream, 3);
        for (var step = 0; step <= 7; step++) Assert.Equal(whole.Skip(step), Read(stream, 3, step));
    }

    [Fact]
    public void What_is_drawn_depends_on_neither_prefetching_nor_the_length_of_an_epoch() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 9], Gen.Int[0, 17]).Sample((prefetch, perEpoch, task) =>
        {
            var stream = new EpisodeStream(Set, Options with { Prefetch = prefetch, EpisodesPerEpoch = perEpoch });
            Assert.Equal(Read(new EpisodeStream(Set, Options with { Prefetch = 0 }), task / 6)[task % 6],
                Read(stream, task / perEpoch, task % perEpoch)[0]);
        }, iter: 60, threads: 2);

    [Fact]
    public void Seeds_of_tasks_and_of_views_are_separate()
    {
        var (one, otherTasks, otherViews) = (Read(new EpisodeStream(Set, Options), 0),
            Read(new EpisodeStream(Set, Options with { Seed = 8 }), 0), Read(new EpisodeStream(Set, Options with { ViewSeed = 6 }), 0));
        Assert.NotEqual(one.SelectMany(rows => rows).Select(row => row.Id), otherTasks.SelectMany(rows => rows).Select(row => row.Id));
        Assert.Equal(one.SelectMany(rows => rows).Select(row => row.Id), otherViews.SelectMany(rows => rows).Select(row => row.Id));
        Assert.NotEqual(one.SelectMany(rows => rows).Select(row => row.Pixels),
            otherViews.SelectMany(rows => rows).Select(row => row.Pixels));
    }

    [Fact]
    public void Tensors_have_the_documented_types_and_shapes()
    {
        using var batch = new EpisodeStream(Set, Options).Epoch(0, 5).Single();
        Assert.Equal((torch.ScalarType.Byte, torch.ScalarType.Int64), (batch.Images.dtype, batch.Labels.dtype));
        Assert.Equal([14, 3, 8, 8], batch.Images.shape);
        Assert.Equal([14], batch.Labels.shape);
    }

    [Fact]
    public void Leaving_early_and_starting_again_works()
    {
        var stream = new EpisodeStream(Set, Options);
        foreach (var batch in stream.Epoch(0))
        {
            batch.Dispose();
            break;
        }
        Assert.Equal(6, Read(stream, 0).Count);
    }

    [Fact]
    public void What_can_not_be_drawn_is_refused_at_once()
    {
        foreach (var options in new[] { Options with { EpisodesPerEpoch = 0 }, Options with { Prefetch = -1 },
            Options with { Shape = Shape with { Query = int.MaxValue / 4 } } })
            Assert.Throws<ArgumentOutOfRangeException>(() => new EpisodeStream(Set, options));
        Assert.Contains("can't be drawn from 3", Assert.Throws<InputException>(
            () => new EpisodeStream(Set, Options with { Shape = Shape with { Way = 4 } })).Message, StringComparison.Ordinal);
        Assert.Contains("has 10 images", Assert.Throws<InputException>(
            () => new EpisodeStream(Set, Options with { Shape = Shape with { Shot = 7 } })).Message, StringComparison.Ordinal);
        var stream = new EpisodeStream(Set, Options);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Epoch(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Epoch(0, -1));
    }

    [Fact]
    public void The_number_of_a_view_never_overflows()
    {
        var stream = new EpisodeStream(Set, Options with { EpisodesPerEpoch = 1 << 16, Prefetch = 0 });
        using (var last = stream.Epoch((1 << 15) - 1, (1 << 16) - 1).Single()) Assert.Equal(int.MaxValue, last.Views[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Epoch(1 << 15));
    }
}
