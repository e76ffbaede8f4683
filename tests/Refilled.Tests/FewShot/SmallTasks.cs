using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.FewShot;
using Refilled.Networks;
using Refilled.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot;

/// <summary>Tasks of 3 classes over small images, and networks for them.</summary>
internal sealed class SmallTasks : IDisposable
{
    private readonly EpisodeSampler sampler;

    public SmallTasks(int shot = 2, int query = 3, int size = 8)
    {
        Source = new FewShotSource(MadeUpImages.Set(60, 5, size));
        sampler = new EpisodeSampler(Source.Set, new EpisodeShape { Way = 3, Shot = shot, Query = query }, 7);
    }

    public FewShotSource Source { get; }

    public FewShotTask this[long number] => FewShotTask.Of(Source, sampler, number);

    /// <summary>A network with statistics of its own, in evaluation mode.</summary>
    public static EmbeddingNetwork Network(string name = "wrn-10-1", int seed = 1, int size = 8)
    {
        var network = NetworkCatalog.Create(name,
            new NetworkOptions(4) { Seed = seed, Input = InputSpec.Square(size, ChannelStatistics.Cifar100) });
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator((ulong)seed);
        for (var i = 0; i < 3; i++)
            network.Observe(randint(0, 256, [32, 3, size, size], ScalarType.Byte, generator: generator), Needs.Embedding);
        network.eval();
        return network;
    }

    /// <summary>Tensors of this thread that live on.</summary>
    public static long Alive => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Each task answered by one learner from two threads at once and by another alone, in another order.</summary>
    public void AgreeInAnyOrder(Func<IFewShotLearner> make)
    {
        var numbers = Enumerable.Range(0, 4).ToArray();
        var (one, other) = (make(), make());
        var together = new int[numbers.Length][];
        var threads = Enumerable.Range(0, 2).Select(part => new Thread(() =>
        {
            set_num_threads(1);
            foreach (var number in numbers.Where(number => number % 2 == part)) together[number] = one.Solve(this[number]);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        foreach (var number in numbers.Reverse()) Assert.Equal(other.Solve(this[number]), together[number]);
        Assert.True(together.Distinct(EqualityComparer<int[]>.Create((a, b) => a!.SequenceEqual(b!), _ => 0)).Count() > 1,
            "all tasks have the same answer");
        foreach (var learner in new[] { one, other }) (learner as IDisposable)?.Dispose();
    }

    /// <summary>Solving leaves no tensor behind, once a learner has what it keeps.</summary>
    public void LeaveNothing(IFewShotLearner learner)
    {
        learner.Solve(this[0]);
        var before = Alive;
        for (var i = 0; i < 3; i++) learner.Solve(this[0]);
        Assert.Equal(before, Alive);
    }

    public void Dispose() => Source.Dispose();
}
