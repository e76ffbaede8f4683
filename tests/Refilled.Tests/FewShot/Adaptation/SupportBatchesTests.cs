using Refilled.Data.Views;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Adaptation;

public class SupportBatchesTests
{
    [Fact]
    public void A_support_that_fits_is_a_step_and_its_views_follow_each_other()
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks();
        var support = tasks[0].Support;
        using var batches = new SupportBatches(support, 3, 9, 4, CPU);
        Assert.Equal((6, 1, 1), (batches.Count, batches.StepsPerPass(64, 1), batches.StepsPerPass(12, 2)));
        var ids = support.Positions.Select(position => tasks.Source.Set.SampleIds[position]).ToArray();
        for (var step = 0; step < 5; step++)
        {
            using var single = batches.At(step, 64, 1);
            Assert.Equal(ids, single.SampleIds);
            Assert.Equal(Enumerable.Repeat(step % 3, 6), single.Views);
            Assert.True(single.Images.equal(support.Images(9, step % 3)).all().item<bool>());
            Assert.Equal(support.Labels.Select(label => (long)label), single.Labels.data<long>().ToArray());
        }
        using var pair = batches.At(1, 12, 2);
        Assert.Equal([2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0], pair.Views);
        Assert.Equal(ids.Concat(ids), pair.SampleIds);
        Assert.True(pair.Images.equal(cat([support.Images(9, 2), support.Images(9, 0)], 0)).all().item<bool>());
        using var plain = batches.Epoch(0).Single();
        Assert.All(plain.Views, view => Assert.Equal(View.Evaluation, view));
        Assert.True(plain.Images.equal(support.Images()).all().item<bool>());
    }

    [Fact]
    public void Without_random_views_steps_show_the_evaluation_view()
    {
        using var tasks = new SmallTasks();
        using var batches = new SupportBatches(tasks[0].Support, 0, 9, 4, CPU);
        using var batch = batches.At(17, 64, 1);
        using var images = tasks[0].Support.Images();
        Assert.True(batch.Images.equal(images).all().item<bool>());
        Assert.All(batch.Views, view => Assert.Equal(View.Evaluation, view));
    }

    [Fact]
    public void In_pairs_no_image_is_left_alone()
    {
        using var tasks = new SmallTasks(5);
        using var batches = new SupportBatches(tasks[0].Support, 8, 9, 4, CPU);
        Assert.Equal(7, batches.StepsPerPass(2, 1));
        var sizes = Enumerable.Range(0, 7).Select(step =>
        {
            using var batch = batches.At(step, 2, 1);
            return batch.Size;
        }).ToList();
        Assert.Equal((15, 2, 3), (sizes.Sum(), sizes.Min(), sizes.Max()));
        // One at a time is what was asked for, and is refused where batch norms would need more.
        Assert.Equal(15, batches.StepsPerPass(1, 1));
        var alone = new AdaptationStage { Batch = 1 };
        foreach (var (options, paths) in new (AdaptationOptions, string)[]
        {
            (new FineTuneOptions { Training = alone }, ""),
            (new FineTuneOptions { Training = alone, BatchNorm = BatchNormMode.Batch }, "training.batch"),
            (new RefilledOptions { Stage1 = alone, Stage2 = alone, BatchNorm = BatchNormMode.Batch }, "stage2.batch"),
            (new RefilledOptions { Stage1 = alone, ViewsPerImage = 1, BatchNorm = BatchNormMode.Batch }, "stage1.batch"),
        })
            Assert.Equal(paths, string.Join(' ', options.Validate().Select(problem => problem.Path)));
    }

    [Theory]
    [InlineData(7, 9, 1)]
    [InlineData(7, 10, 2)]
    [InlineData(5, 1, 1)]
    [InlineData(5, 1, 3)]
    public void A_larger_support_is_shown_in_balanced_parts_each_image_once_a_pass(int shot, int limit, int perImage)
    {
        using var tasks = new SmallTasks(shot);
        using var batches = new SupportBatches(tasks[0].Support, 8, 9, 4, CPU);
        var steps = batches.StepsPerPass(limit, perImage);
        Assert.Equal((3 * shot + Math.Max(1, limit / perImage) - 1) / Math.Max(1, limit / perImage), steps);
        var orders = new List<string>();
        for (var pass = 0; pass < 2; pass++)
        {
            var seen = new List<long>();
            for (var part = 0; part < steps; part++)
            {
                using var batch = batches.At(pass * steps + part, limit, perImage);
                using var again = batches.At(pass * steps + part, limit, perImage);
                Assert.Equal(batch.SampleIds, again.SampleIds);
                Assert.True(batch.Size <= Math.Max(perImage, limit));
                Assert.Equal(Enumerable.Range(0, perImage).Select(i => (pass * perImage + i) % 8), batch.Views.Distinct());
                var classes = batch.Labels.data<long>().ToArray().GroupBy(label => label).Select(own => own.Count() / perImage).ToList();
                if (batch.Size / perImage >= 3) Assert.True(classes.Max() - classes.Min() <= 1 && classes.Count == 3);
                seen.AddRange(batch.SampleIds.Take(batch.Size / perImage));
            }
            Assert.Equal(tasks[0].Support.Positions.Select(position => tasks.Source.Set.SampleIds[position]).Order(), seen.Order());
            orders.Add(string.Join(' ', seen));
        }
        Assert.Equal(2, orders.Distinct().Count());
    }
}
