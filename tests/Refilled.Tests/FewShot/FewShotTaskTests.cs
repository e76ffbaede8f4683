using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.FewShot;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot;

public class FewShotTaskTests
{
    private static readonly EpisodeShape Shape = new() { Way = 3, Shot = 2, Query = 4 };

    [Fact]
    public void Labels_are_the_places_of_the_classes_in_the_task()
    {
        using var source = new FewShotSource(MadeUpImages.Clusters(5, 8));
        var sampler = new EpisodeSampler(source.Set, Shape, 1);
        var (task, episode) = (FewShotTask.Of(source, sampler, 7), sampler[7]);
        Assert.Equal((7, 3, 6, 12), (task.Number, task.Way, task.Support.Count, task.Query.Count));
        Assert.Equal(episode.Support, task.Support.Positions);
        Assert.Equal(episode.Queries, task.Query.Positions);
        foreach (var images in new[] { task.Support, task.Query })
        {
            Assert.All(images.Positions.Zip(images.Labels),
                image => Assert.Equal(episode.Classes[image.Second], source.Set.Labels[image.First]));
            using var labels = images.LabelTensor();
            Assert.Equal(images.Labels, labels.data<long>().Select(label => (int)label));
        }
    }

    [Fact]
    public void Embeddings_are_those_of_the_positions_and_the_network_sees_each_image_once()
    {
        using var scope = NewDisposeScope();
        using var network = new PixelNetwork(5);
        // A subset in another order: positions aren't sample ids.
        using var source = new FewShotSource(MadeUpImages.Clusters(5, 8).OfClasses([4, 1, 2]));
        var tasks = new FewShotTasks(source, Shape, 1);
        var embeddings = new Tensor[8];
        Parallel.For(0, 8, i => embeddings[i] = tasks[i].Support.Embeddings(network).DetachFromDisposeScope());
        Assert.Equal(24, network.Seen);
        for (var i = 0; i < 8; i++)
        {
            var images = tasks[i].Support;
            var expected = images.Images().to(ScalarType.Float32).Over(255).flatten(1).narrow(1, 0, 5);
            Assert.InRange((expected - embeddings[i]).abs().max().Number(), 0, 1e-6);
            for (var k = 0; k < images.Count; k++)
            {
                var stored = source.Set.Store[source.Set.SampleIds[images.Positions[k]]];
                Assert.Equal(stored.ToArray(), images.Images()[k].contiguous().data<byte>().ToArray());
            }
            embeddings[i].Dispose();
        }
        using var other = new PixelNetwork(2);
        Assert.Equal([24, 2], source.Embeddings(other).shape);
    }

    [Fact]
    public void Views_are_those_of_the_sample()
    {
        using var scope = NewDisposeScope();
        using var source = new FewShotSource(MadeUpImages.Set(40, 5, policy: new PaddedCrop { Padding = 2 }));
        var images = new FewShotTasks(source, Shape, 1)[0].Query;
        var (plain, one, again, other) = (images.Images(), images.Images(3, 0), images.Images(3, 0), images.Images(3, 1));
        Assert.Equal(one.contiguous().data<byte>().ToArray(), again.contiguous().data<byte>().ToArray());
        Assert.False(one.equal(other).all().item<bool>());
        Assert.False(one.equal(plain).all().item<bool>());
        Assert.Equal([12, 3, 8, 8], plain.shape);
    }

    [Fact]
    public void A_source_gives_back_what_it_holds_and_leaves_nothing_behind()
    {
        using var network = new PixelNetwork(2);
        using var scope = NewDisposeScope();
        var source = new FewShotSource(MadeUpImages.Clusters(5, 8));
        var kept = source.Embeddings(network);
        Assert.Same(kept, source.Embeddings(network));
        Assert.Equal(0, scope.DisposablesCount);
        source.Dispose();
        Assert.True(kept.IsInvalid);
    }
}
