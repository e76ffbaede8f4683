using Refilled.Cli.Bench;

namespace Refilled.Cli.Tests.Bench;

public class TeacherBenchTests
{
    private static readonly TeacherBenchOptions Shortest = new() { Sizes = [16], Batches = [1], Images = 1, Rounds = 1 };

    [Fact]
    public void Each_way_of_asking_has_a_rate_beside_the_best_of_the_runtime()
    {
        var rates = new TeacherBench(Shortest).Run(null, TestContext.Current.CancellationToken);
        Assert.All(rates, rate => Assert.True(double.IsFinite(rate.ImagesPerSecond) && rate.ImagesPerSecond > 0, rate.ToString()));
        Assert.Equal([TeacherBench.Ours, TeacherBench.Filling, TeacherBench.Runtime], rates.Select(rate => rate.What).Distinct());
        Assert.Equal(1, rates.Where(rate => rate.What == TeacherBench.Runtime).Max(rate => rate.Ratio));
        Assert.Equal(rates.Select(rate => rate with { ImagesPerSecond = 0, Ratio = 0, ProcessorMs = 0 }).Distinct().Count(), rates.Count);
        Assert.All(rates, rate => Assert.InRange(rate.ProcessorMs, 1, 60_000));
        Assert.Contains(rates, rate => rate.Settings.Contains("optimised: basic", StringComparison.Ordinal));
    }

    [Fact]
    public void It_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new TeacherBench(Shortest).Run(null, stop.Token));
    }
}
