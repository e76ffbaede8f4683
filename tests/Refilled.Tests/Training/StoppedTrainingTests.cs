using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>A run that is stopped beside its steps goes on where it was.</summary>
public sealed class StoppedTrainingTests : IDisposable
{
    private static readonly ImageSet Images = MadeUpImages.Set(40, 4, 8);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static TrainingTask Task(Method method, IEpochScore? score = null) => new(
        NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1, Input = InputSpec.Square(8, ChannelStatistics.Cifar100) }),
        null, method, Images, Images.At([]))
    {
        BatchSize = 8, Validation = score, Stage2 = new StageSettings { Epochs = 2 },
    };

    private static Method Student(SelectionMeasure selection) =>
        new("student", [new Stage("classifier", [new CrossEntropy()], StageLength.Second, selection)]);

    [Fact]
    public void While_an_epoch_is_scored_it_keeps_the_epochs_steps()
    {
        var method = Student(SelectionMeasure.Episodes);
        var expected = new Scorer(_ => { });
        new Trainer(Task(method, expected)).Run(TestContext.Current.CancellationToken);

        using var run = RunFolder.Create(folder["run"]);
        using var cancel = new CancellationTokenSource();
        var cut = new Scorer(cancel.Cancel);
        Assert.Throws<OperationCanceledException>(() => new Trainer(Task(method, cut), run).Run(cancel.Token));
        using (var checkpoint = Checkpoint.Read(run.CheckpointFile))
            Assert.Equal((0, 5, -1), (checkpoint.State.Epoch, checkpoint.State.Step, checkpoint.State.BestEpoch));
        var rest = new Scorer(_ => { });
        new Trainer(Task(method, rest), run).Run(TestContext.Current.CancellationToken);
        Assert.Equal(expected.Sums, rest.Sums);
        Assert.Equal(2, File.ReadLines(run.MetricsFile).Count());
    }

    [Fact]
    public void While_the_test_is_read_it_keeps_the_trained_network()
    {
        var task = Task(Student(SelectionMeasure.Accuracy));
        using var run = RunFolder.Create(folder["run"]);
        using var cancel = new CancellationTokenSource();
        // At the end of the last epoch, so that all that is left is the test.
        var progress = new Listener(now =>
        {
            if (now is { Epoch: 1, EpochDone: true }) cancel.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Execution.Run(task, MadeUpImages.Ending(Images), "", run, progress, cancel.Token));
        Assert.False(File.Exists(run.NetworkFile));
        using (var checkpoint = Checkpoint.Read(run.CheckpointFile)) Assert.Equal((2, 0), (checkpoint.State.Epoch, checkpoint.State.Step));
        var written = File.GetLastWriteTimeUtc(run.CheckpointFile);
        var scores = Execution.Run(Task(Student(SelectionMeasure.Accuracy)), MadeUpImages.Ending(Images), "", run, null,
            TestContext.Current.CancellationToken);
        Assert.Equal((40, written), (scores.Last.Images, File.GetLastWriteTimeUtc(run.CheckpointFile)));
        Assert.True(File.Exists(run.NetworkFile));
    }

    [Theory]
    [InlineData("lr")]
    [InlineData("1nn")]
    public void What_is_fitted_at_once_is_stopped(string method)
    {
        using var run = RunFolder.Create(folder["run"]);
        var task = Task(Methods.Create(method, new LossOptions())) with { HeldOut = Images };
        Assert.Throws<OperationCanceledException>(() => Execution.Run(task, MadeUpImages.Ending(Images), "", run, null, Stopping.Stopped));
        Assert.False(File.Exists(run.NetworkFile));
    }

    [Fact]
    public void Centres_and_kept_answers_are_stopped()
    {
        var many = Stopping.Many();
        NetworkTeacher Teacher() => new(NetworkCatalog.Create("wrn-10-1", new NetworkOptions(3)), []);
        var spec = new LocalClassifier { Centres = Centres.Global };
        using var objective = spec.Bind(new SignalShapes(4, 64, 64));
        using (var teacher = Teacher()) Stopping.Soon(cancel => objective.Prepare(teacher, BatchStream.Evaluation(many), cancel));
        foreach (var path in new[] { null, folder["signals"] })
        {
            var options = new CacheOptions { DataHash = "made up", Views = 2, Folder = path };
            using var cached = new CachedTeacher(Teacher(), many, options, TestContext.Current.CancellationToken);
            Stopping.Soon(cancel => objective.Prepare(cached, BatchStream.Evaluation(many), cancel));
            Stopping.Soon(cancel => cached.Prepare(0, Needs.Embedding, null, cancel));
            Assert.True(path is null || Directory.GetFiles(path).Length == 0);
        }
    }

    [Fact]
    public void The_check_of_kept_answers_is_stopped()
    {
        using var scope = NewDisposeScope();
        var options = new CacheOptions { DataHash = "made up", Views = 1, Folder = folder.Path };
        using (var first = new CachedTeacher(new StoredTeacher(ones(40, 2)), Images, options, TestContext.Current.CancellationToken))
            first.Prepare(0, Needs.Embedding, null, TestContext.Current.CancellationToken);
        Assert.Throws<OperationCanceledException>(() =>
            new CachedTeacher(new StoredTeacher(ones(40, 2)), Images, options, Stopping.Stopped));
    }

    /// <summary>Scores an epoch by its weights, and can be stopped.</summary>
    private sealed class Scorer(Action<Scorer> asked) : IEpochScore
    {
        public Scorer(Action cancel) : this(_ => cancel()) { }

        public List<double> Sums { get; } = [];

        public string Description => "made up";

        double IEpochScore.Score(EmbeddingNetwork student, IReadOnlyList<Objective> objectives, CancellationToken cancel)
        {
            asked(this);
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Sums.Add(student.state_dict().Values.Select(tensor => tensor.to(ScalarType.Float64).abs().sum().Number()).Sum());
            return Sums[^1];
        }
    }

    private sealed class Listener(Action<TrainProgress> told) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => told(value);
    }
}
