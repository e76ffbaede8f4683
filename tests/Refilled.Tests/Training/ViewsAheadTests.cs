using Refilled.Data;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>The next view's answers are filled while the student trains, and nothing depends on when.</summary>
public sealed class ViewsAheadTests : IDisposable
{
    private const int Images = 24;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20), Short = TimeSpan.FromMilliseconds(150);
    private static readonly ImageSet Train = MadeUpImages.Set(Images, 4, 8);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static TrainingTask Task(ITeacher teacher, bool ahead, ImageSet? more = null, ITeacher? beside = null) => new(
        NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1, Input = InputSpec.Square(8, ChannelStatistics.Cifar100) }),
        teacher, more is null ? Methods.Refilled(new()) : Methods.RegressLkd(new()), Train, Train.At([]))
    {
        BatchSize = 8, Views = 3, FillsAhead = ahead, Unlabelled = more is null ? null : new UnlabelledTask(more, beside),
        Stage1 = new StageSettings { Epochs = 4 }, Stage2 = new StageSettings { Epochs = 4 },
    };

    private CachedTeacher Cached(ITeacher teacher, string? place = null, ImageSet? images = null) => new(teacher, images ?? Train,
        new CacheOptions { DataHash = "made up", Views = 3, Block = 8, Folder = place is null ? null : folder[place] });

    private static NetworkTeacher Network() => new(
        NetworkCatalog.Create("wrn-10-2", new NetworkOptions(3) { Seed = 2, Input = InputSpec.Square(8, ChannelStatistics.Cifar100) }),
        ["x", "y", "z"]);

    private static Dictionary<string, Tensor> Trained(TrainingTask task, RunFolder? run = null, CancellationToken cancel = default)
    {
        new Trainer(task, run).Run(cancel).Dispose();
        return task.Student.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
    }

    private static void Same(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found) =>
        Assert.All(expected, pair => Assert.True(pair.Value.equal(found[pair.Key]).all().item<bool>(), pair.Key));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_ends_with_the_same_bits_and_keeps_the_same_answers(bool unlabelled)
    {
        using var scope = NewDisposeScope();
        var more = unlabelled ? MadeUpImages.Set(16, 4, 8).Unlabelled() : null;
        Dictionary<string, Tensor> Run(bool ahead, string place)
        {
            using var teacher = Cached(Network(), place);
            using var beside = more is null ? null : Cached(Network(), place, more);
            return Trained(Task(teacher, ahead, more, beside));
        }
        Same(Run(false, "one"), Run(true, "two"));
        var files = Directory.GetFiles(folder["one"]).Select(Path.GetFileName).Order().ToList();
        Assert.Equal(unlabelled ? 7 : 3, files.Count); // to regress, the evaluation view, too
        Assert.Equal(files, Directory.GetFiles(folder["two"]).Select(Path.GetFileName).Order());
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(folder[$"one/{file}"]), File.ReadAllBytes(folder[$"two/{file}"])));
    }

    [Fact]
    public void The_next_view_is_filled_without_being_asked_for_each_once_and_in_order()
    {
        using var scope = NewDisposeScope();
        var watched = new Watched();
        using var teacher = Cached(watched);
        using var run = new StageRun(Task(teacher, ahead: true), 0);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            run.Prepare(epoch, (_, _, _) => { }, TestContext.Current.CancellationToken);
            var wanted = Enumerable.Range(0, Math.Min(epoch + 2, 3)).SelectMany(view => Enumerable.Repeat(view, Images / 8)).ToList();
            Assert.True(SpinWait.SpinUntil(() => watched.Views.Count == wanted.Count, Soon));
            Assert.Equal(wanted, watched.Views);
        }
    }

    [Fact]
    public void Unless_the_task_says_so_nothing_is_asked_ahead()
    {
        using var scope = NewDisposeScope();
        var watched = new Watched();
        using var teacher = Cached(watched);
        using var run = new StageRun(Task(teacher, ahead: false), 0);
        run.Prepare(0, (_, _, _) => { }, TestContext.Current.CancellationToken);
        Thread.Sleep(Short);
        Assert.All(watched.Views, view => Assert.Equal(0, view));
    }

    [Fact]
    public async Task An_epoch_waits_for_its_view_and_tells_where_it_stands()
    {
        using var scope = NewDisposeScope();
        var watched = new Watched { Closed = { [1] = new() } };
        using var teacher = Cached(watched);
        using var run = new StageRun(Task(teacher, ahead: true), 0);
        run.Prepare(0, (_, _, _) => { }, TestContext.Current.CancellationToken);
        Assert.True(watched.Reached(1).Wait(Soon, TestContext.Current.CancellationToken));
        var told = new List<(int, int, int)>();
        var waiting = System.Threading.Tasks.Task.Run(
            () => run.Prepare(1, (view, done, all) => told.Add((view, done, all)), CancellationToken.None), CancellationToken.None);
        Assert.NotSame(waiting, await System.Threading.Tasks.Task.WhenAny(waiting,
            System.Threading.Tasks.Task.Delay(Short, TestContext.Current.CancellationToken)));
        watched.Closed[1].Set();
        await waiting;
        Assert.All(told, one => Assert.Equal((1, Images), (one.Item1, one.Item3)));
    }

    [Fact]
    public async Task The_student_trains_on_its_view_while_the_next_is_being_filled()
    {
        using var scope = NewDisposeScope();
        var watched = new Watched { Closed = { [1] = new() } };
        using var teacher = Cached(watched);
        using var run = new StageRun(Task(teacher, ahead: true), 0);
        run.Prepare(0, (_, _, _) => { }, TestContext.Current.CancellationToken);
        Assert.True(watched.Reached(1).Wait(Soon, TestContext.Current.CancellationToken));
        await System.Threading.Tasks.Task.Run(() =>
        {
            run.Start();
            foreach (var (step, batch) in run.Stream.Epoch(0).Index())
                using (batch) run.Step(batch, new(0, step, run.Stream.StepsPerEpoch, 4));
        }, TestContext.Current.CancellationToken).WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(0, watched.Ended);
        watched.Closed[1].Set();
    }

    [Fact]
    public void Waiting_can_be_stopped_and_what_fills_is_stopped_with_the_stage()
    {
        using var scope = NewDisposeScope();
        var watched = new Watched { Closed = { [1] = new() } };
        using var teacher = Cached(watched);
        var run = new StageRun(Task(teacher, ahead: true), 0);
        run.Prepare(0, (_, _, _) => { }, TestContext.Current.CancellationToken);
        Assert.True(watched.Reached(1).Wait(Soon, TestContext.Current.CancellationToken));
        using var cancel = new CancellationTokenSource(Short);
        Assert.ThrowsAny<OperationCanceledException>(() => run.Prepare(1, (_, _, _) => { }, cancel.Token));
        Assert.Equal(0, watched.Ended);
        run.Dispose(); // its view never opens
        Assert.Equal(1, watched.Ended);
    }

    [Fact]
    public void What_goes_wrong_there_is_told_in_its_own_words_and_the_run_goes_on_from_the_epoch_before()
    {
        using var scope = NewDisposeScope();
        using var expected = Cached(Network());
        var bits = Trained(Task(expected, ahead: false));
        using var run = RunFolder.Create(folder["run"]);
        run.Begin("", new { });
        using (var teacher = Cached(new Watched(Network()) { Fails = 1 }))
            Assert.Equal("view 1 is broken", Assert.Throws<InputException>(() => Trained(Task(teacher, ahead: true), run)).Message);
        using (var checkpoint = Checkpoint.Read(run.CheckpointFile))
            Assert.Equal((0, 1, 0), (checkpoint.State.Stage, checkpoint.State.Epoch, checkpoint.State.Step));
        using var sound = Cached(Network());
        Same(bits, Trained(Task(sound, ahead: true), run));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(14)]
    public void A_run_that_was_stopped_goes_on_to_the_same_bits(int step)
    {
        using var scope = NewDisposeScope();
        using var expected = Cached(Network());
        var bits = Trained(Task(expected, ahead: false));
        using var run = RunFolder.Create(folder["run"]);
        run.Begin("", new { });
        using var cancel = new CancellationTokenSource();
        using (var teacher = Cached(Network(), "signals"))
            Assert.ThrowsAny<OperationCanceledException>(() => Trained(Task(new Stopping(teacher, step, cancel), ahead: true), run,
                cancel.Token));
        Assert.DoesNotContain(Directory.GetFiles(folder["signals"]), file => file.EndsWith(".tmp", StringComparison.Ordinal));
        using var again = Cached(Network(), "signals");
        Same(bits, Trained(Task(again, ahead: true), run));
    }

    /// <summary>Remembers which views it is asked about; it may wait with one, or fail at one.</summary>
    private sealed class Watched(ITeacher? behind = null) : ITeacher
    {
        private readonly List<int> views = [];
        private readonly Dictionary<int, ManualResetEventSlim> reached = [];
        private int ended;

        public Dictionary<int, ManualResetEventSlim> Closed { get; } = [];

        public int Fails { get; init; } = -1;

        public IReadOnlyList<int> Views
        {
            get
            {
                lock (views) return [.. views];
            }
        }

        /// <summary>How often it has waited, to whatever end.</summary>
        public int Ended => Volatile.Read(ref ended);

        public string Fingerprint => behind?.Fingerprint ?? "watched";

        public Needs Provides => behind?.Provides ?? Needs.Embedding;

        public int EmbeddingSize => behind?.EmbeddingSize ?? 2;

        public IReadOnlyList<string> ClassNames => behind?.ClassNames ?? [];

        public ManualResetEventSlim Reached(int view)
        {
            lock (reached) return reached.TryGetValue(view, out var known) ? known : reached[view] = new();
        }

        public void Dispose() => behind?.Dispose();

        public Signals Observe(Batch batch, Needs needs) => Observe(batch, needs, CancellationToken.None);

        public Signals Observe(Batch batch, Needs needs, CancellationToken cancel)
        {
            var view = batch.Views[0];
            if (view >= 0)
                lock (views) views.Add(view);
            Reached(view).Set();
            if (view == Fails) throw new InputException($"view {view} is broken");
            if (Closed.TryGetValue(view, out var gate))
            {
                try
                {
                    gate.Wait(cancel);
                }
                finally
                {
                    Interlocked.Increment(ref ended);
                }
            }
            return behind?.Observe(batch, needs, cancel) ?? new Signals(rand(batch.Size, 2));
        }
    }

    /// <summary>Cancels when it is asked for the n-th time.</summary>
    private sealed class Stopping(CachedTeacher teacher, int at, CancellationTokenSource cancel) : ITeacher
    {
        private int asked;

        public Needs Provides => teacher.Provides;

        public int EmbeddingSize => teacher.EmbeddingSize;

        public IReadOnlyList<string> ClassNames => teacher.ClassNames;

        public string Fingerprint => teacher.Fingerprint;

        public void Prepare(int view, Needs needs, Action<int, int>? progress, CancellationToken stop) =>
            teacher.Prepare(view, needs, progress, stop);

        public Signals Observe(Batch batch, Needs needs)
        {
            if (++asked == at) cancel.Cancel();
            return teacher.Observe(batch, needs);
        }

        public void Dispose() => teacher.Dispose();
    }
}
