using Refilled.Cli.Bench;

namespace Refilled.Cli.Tests.Bench;

public class SourceBenchTests
{
    private static readonly SourceBenchOptions Shortest = new()
        { PerRow = TimeSpan.FromTicks(1), Repetitions = 1, Data = "generated:0,classes=2,train=8,test=2" };

    [Fact]
    public void Every_row_has_a_rate_and_its_floor_a_name()
    {
        var rates = SourceBench.Run(Shortest);
        Assert.All(rates, rate => Assert.True(double.IsFinite(rate.ImagesPerSecond) && rate.ImagesPerSecond > 0, rate.ToString()));
        var names = rates.Select(rate => rate.Name).ToList();
        Assert.Equal(names.Distinct(), names);
        Assert.Superset(new HashSet<string> { SourceBench.Views32, SourceBench.Views224, SourceBench.Jpeg64,
            SourceBench.Jpeg64 + SourceBench.Floor, "generated-load", "generated-views" }, names.ToHashSet());
    }

    [Fact]
    public void A_folder_of_files_is_made_measured_and_removed()
    {
        var folders = new HashSet<string>(Folders());
        var made = new List<string>();
        var rates = SourceBench.Measure(FilesBench.Rows(20, "wrn-10-1", "cpu"), Shortest,
            new Immediate(_ => made.AddRange(Folders().Except(folders))), TestContext.Current.CancellationToken);
        Assert.Equal([FilesBench.Inspect, FilesBench.Evaluate], rates.Select(rate => rate.Name));
        Assert.All(rates, rate => Assert.True(double.IsFinite(rate.ImagesPerSecond) && rate.ImagesPerSecond > 0, rate.ToString()));
        Assert.NotEmpty(made);
        Assert.Empty(Folders().Except(folders));

        static IEnumerable<string> Folders() => Directory.EnumerateDirectories(Path.GetTempPath(), "refilled-bench-*");
    }

    [Fact]
    public void It_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        var seen = new List<SourceRate>();
        var progress = new Immediate(rate => { seen.Add(rate); stop.Cancel(); });
        Assert.ThrowsAny<OperationCanceledException>(() => SourceBench.Run(Shortest, progress, stop.Token));
        Assert.Single(seen);
    }

    [Fact]
    public void Times_and_repetitions_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceBench.Run(Shortest with { Repetitions = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceBench.Run(Shortest with { PerRow = TimeSpan.Zero }));
    }

    private sealed class Immediate(Action<SourceRate> report) : IProgress<SourceRate>
    {
        public void Report(SourceRate value) => report(value);
    }
}
