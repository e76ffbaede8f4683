using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.FewShot;
using Refilled.FewShot.Learners;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot;

public class FewShotEvaluatorTests
{
    private static readonly EpisodeShape Shape = new() { Way = 4, Shot = 2, Query = 5 };

    [Fact]
    public void Each_learner_gives_the_same_on_any_number_of_threads_and_does_better_than_chance()
    {
        using var network = new PixelNetwork(48);
        using var transformer = new SetTransformer(48, seed: 1);
        using (no_grad()) transformer.get_parameter("w_vs.weight")!.zero_();
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        var tasks = new FewShotTasks(source, Shape, 1, 60);
        foreach (var learner in new IFewShotLearner[] { new NearestNeighbourLearner(network), new PrototypeLearner(network, "ncm"),
            new SvmLearner(network), new FeatLearner(network, transformer) })
        {
            var results = new[] { 1, 2, 5 }.Select(threads => FewShotEvaluator.Evaluate(learner, tasks, threads)).ToList();
            Assert.All(results, result => Assert.Equal(results[0].Accuracies, result.Accuracies));
            Assert.Equal((learner.Name, 60, tasks.Fingerprint()), (results[0].Learner, results[0].Accuracies.Count, results[0].Tasks));
            Assert.True(results[0].Mean - results[0].HalfWidth > 0.25, $"{learner.Name}: {results[0].Mean}");
            Assert.True(results[0].Seconds > 0);
        }
    }

    [Fact]
    public void Accuracies_stand_in_the_order_of_the_tasks()
    {
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        // Right in as many queries as the task's number says.
        var learner = new MadeUpLearner(task => [.. task.Query.Labels.Select((label, i) => i < task.Number ? label : -1)]);
        var result = FewShotEvaluator.Evaluate(learner, new FewShotTasks(source, Shape, 1, count: 4, first: 3), threads: 3);
        Assert.Equal([0.15, 0.2, 0.25, 0.3], result.Accuracies);
        Assert.Equal(0.225, result.Mean, 1e-12);
        Assert.Equal(1.96 * Math.Sqrt((0.075 * 0.075 + 0.025 * 0.025) * 2 / 3) / 2, result.HalfWidth, 1e-12);
        Assert.Equal(1, learner.Prepared);
    }

    [Fact]
    public void Tasks_run_on_one_of_the_engines_threads_each_and_the_engine_gets_its_own_back()
    {
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        var before = get_num_threads();
        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        var learner = new MadeUpLearner(task =>
        {
            seen.Add(get_num_threads());
            return [.. task.Query.Labels];
        });
        Assert.Equal(1, FewShotEvaluator.Evaluate(learner, new FewShotTasks(source, Shape, 1, 10), threads: 2).Mean);
        Assert.Equal([1], seen.Distinct());
        Assert.Equal(before, get_num_threads());
    }

    [Fact]
    public void Progress_comes_from_the_calling_thread_and_ends_at_the_end()
    {
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        var reports = new Reports();
        var learner = new MadeUpLearner(task =>
        {
            Thread.Sleep(100);
            return [.. task.Query.Labels.Select(label => label == 0 ? 1 : label)];
        });
        FewShotEvaluator.Evaluate(learner, new FewShotTasks(source, Shape, 1, 10), threads: 2, reports);
        Assert.True(reports.Seen.Count >= 2);
        Assert.All(reports.Threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));
        Assert.Equal(reports.Seen.Select(report => report.Done).Order(), reports.Seen.Select(report => report.Done));
        Assert.Equal(("made-up", 10, 10, 0.75, TimeSpan.Zero),
            (reports.Seen[^1].Learner, reports.Seen[^1].Done, reports.Seen[^1].Tasks, reports.Seen[^1].Mean, reports.Seen[^1].Remaining));
    }

    [Fact]
    public void Errors_and_cancellation_end_the_evaluation()
    {
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        var tasks = new FewShotTasks(source, Shape, 1, 1000);
        var asked = 0;
        FewShotResult Evaluate(Func<FewShotTask, int[]> solve, CancellationToken cancel = default,
            IProgress<FewShotProgress>? progress = null) =>
            FewShotEvaluator.Evaluate(new MadeUpLearner(solve), tasks, 2, progress, cancel);

        var error = Assert.Throws<InvalidOperationException>(() => Evaluate(task => Interlocked.Increment(ref asked) < 20
            ? [.. task.Query.Labels] : throw new InvalidOperationException("no more")));
        Assert.Equal("no more", error.Message);
        Assert.InRange(asked, 20, 22);
        Assert.Contains("classified 1 of 20 queries", Assert.Throws<InvalidOperationException>(() => Evaluate(_ => [0])).Message,
            StringComparison.Ordinal);

        using var cancel = new CancellationTokenSource();
        asked = 0;
        Assert.Throws<OperationCanceledException>(() => Evaluate(task =>
        {
            if (Interlocked.Increment(ref asked) == 20) cancel.Cancel();
            return [.. task.Query.Labels];
        }, cancel.Token));
        Assert.InRange(asked, 20, 22);

        // An error of whoever is told ends the tasks, too.
        asked = 0;
        Assert.Throws<NotSupportedException>(() => Evaluate(task =>
        {
            Interlocked.Increment(ref asked);
            Thread.Sleep(20);
            return [.. task.Query.Labels];
        }, default, new Refusing()));
        var ended = asked;
        Thread.Sleep(60);
        Assert.Equal((ended, true), (asked, ended < 1000));
        Assert.Throws<ArgumentOutOfRangeException>(() => FewShotEvaluator.Evaluate(new MadeUpLearner(_ => []), tasks, 0));
    }

    [Fact]
    public void Learners_are_compared_task_by_task()
    {
        var gain = PairedTasks.Compute([0.5, 0.9, 0.7], [0.4, 0.7, 0.4]);
        Assert.Equal(0.2, gain.Difference, 1e-12);
        Assert.Equal(1.96 * 0.1 / Math.Sqrt(3), gain.HalfWidth, 1e-12);
        Assert.Equal((3, true), (gain.Tasks, gain.IsClear));
        Assert.False(PairedTasks.Compute([0.5, 0.9], [0.9, 0.4]).IsClear);
    }

    [Fact]
    public void The_same_tasks_have_the_same_fingerprint()
    {
        var set = MadeUpImages.Clusters(8, 30);
        string Fingerprint(ImageSet? images = null, EpisodeShape? shape = null, long seed = 1, int count = 10, long first = 0)
        {
            using var source = new FewShotSource(images ?? set);
            return new FewShotTasks(source, shape ?? Shape, seed, count, first).Fingerprint();
        }
        Assert.Equal(Fingerprint(), Fingerprint(MadeUpImages.Clusters(8, 30)));
        string[] all = [Fingerprint(), Fingerprint(set.OfClasses([0, 1, 2, 3])), Fingerprint(set.OfClasses([7, 1, 2, 3, 4, 5, 6, 0])),
            Fingerprint(shape: Shape with { Shot = 1 }),
            Fingerprint(seed: 2), Fingerprint(count: 11), Fingerprint(first: 1)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Contains("at least 2 tasks, not 1", Assert.Throws<InputException>(() => Fingerprint(count: 1)).Message,
            StringComparison.Ordinal);
    }

    private sealed class MadeUpLearner(Func<FewShotTask, int[]> solve) : IFewShotLearner
    {
        public int Prepared { get; private set; }

        public string Name => "made-up";

        public void Prepare(FewShotSource source, CancellationToken cancel = default) => Prepared++;

        public int[] Solve(FewShotTask task) => solve(task);
    }

    private sealed class Reports : IProgress<FewShotProgress>
    {
        public List<FewShotProgress> Seen { get; } = [];

        public List<int> Threads { get; } = [];

        public void Report(FewShotProgress value)
        {
            Seen.Add(value);
            Threads.Add(Environment.CurrentManagedThreadId);
        }
    }

    private sealed class Refusing : IProgress<FewShotProgress>
    {
        public void Report(FewShotProgress value) => throw new NotSupportedException();
    }
}
