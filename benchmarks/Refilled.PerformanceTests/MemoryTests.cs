using System.Globalization;
using Refilled.Cli.Bench;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Native;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;

namespace Refilled.PerformanceTests;

/// <summary>A run's memory stays what it is: the trainer itself, with its stream, cache, losses, selection and checkpoints.</summary>
[Collection("measurements")] // one at a time: neither may measure its neighbour
public class MemoryTests(ITestOutputHelper log)
{
    private const int Batch = 32, StepsPerEpoch = 100, Settled = 400, Watched = 2000;
    private const double Allowed = 0.01;

    [Fact]
    public void Resident_memory_grows_by_one_percent_at_most_over_2000_steps()
    {
        TorchRuntime.Load();
        Assert.SkipUnless(ResidentMemory.NowMiB is not null, "This system doesn't tell how much memory a process has.");
        var (train, heldOut) = Images(Batch * StepsPerEpoch + 200).HoldOut(200.0 / (Batch * StepsPerEpoch + 200), 0);
        using var teacher = new CachedTeacher(
            new NetworkTeacher(NetworkCatalog.Create("wrn-16-2", new NetworkOptions(20)), [.. Enumerable.Range(0, 20).Select(i => $"{i}")]),
            train, new CacheOptions { DataHash = "noise", Views = 2 });
        var epochs = (Settled + Watched) / StepsPerEpoch / 2 + 1;
        var task = new TrainingTask(NetworkCatalog.Create("wrn-16-1", new NetworkOptions(20)
            { Precision = Experiments.Machine.Resolve("cpu").Precision }), teacher, Methods.Refilled(new()), train, heldOut)
        {
            BatchSize = Batch,
            Views = 2,
            CheckpointSteps = 50,
            Stage1 = new StageSettings { Epochs = epochs },
            Stage2 = new StageSettings { Epochs = epochs },
        };
        var memory = new List<double>();
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(Path.Combine(folder.Path, "run"));
        new Trainer(task, run,
            new Reader(progress => { if (progress.Means.Count > 0 && !progress.EpochDone) memory.Add(ResidentMemory.NowMiB!.Value); }))
                .Run(TestContext.Current.CancellationToken);

        // A report every ten steps; a window, because single readings jump with the collector.
        double Around(int step) => memory.Skip(step / 10 - 10).Take(20).Order().ElementAt(10);
        var (before, after) = (Around(Settled), Around(Settled + Watched - 100));
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before:0.0} MiB after {Settled} steps, "
            + $"{after:0.0} MiB after {Settled + Watched - 100}: {100 * (after / before - 1):+0.00;-0.00} %"));
        Assert.InRange(after / before, 0, 1 + Allowed);
    }

    private static ImageSet Images(int count)
    {
        var store = ImageStore.Create(count, new ImageShape(3, 32, 32), (pixels, id) => new Random((int)id).NextBytes(pixels));
        return new ImageSet(store, [.. Enumerable.Range(0, count).Select(i => (long)i)],
            [.. Enumerable.Range(0, count).Select(i => i % 20)], [.. Enumerable.Range(0, 20).Select(i => $"class {i}")]);
    }

    private sealed class Reader(Action<TrainProgress> read) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => read(value);
    }
}
