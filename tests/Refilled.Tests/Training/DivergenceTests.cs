using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>Nothing that is NaN or infinite is taken for a result, whenever it became so.</summary>
public sealed class DivergenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static TrainingTask Task(double learningRate, int images = 8, int size = 8)
    {
        var input = InputSpec.Square(size, ChannelStatistics.Cifar100);
        var set = MadeUpImages.Set(images, 4, size);
        return new TrainingTask(NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1, Input = input }), null,
            Methods.Student(new LossOptions { CrossEntropy = new CrossEntropy { Weight = 1e6 } }), set, set.At([]))
        {
            // A step an epoch, so that each update is the last of one.
            BatchSize = 8,
            Stage2 = new StageSettings { Epochs = 3, LearningRate = learningRate, Schedule = ScheduleKind.Constant },
        };
    }

    [Fact]
    public void A_weight_that_breaks_at_the_very_last_step_leaves_the_checkpoint_before_it()
    {
        using var run = RunFolder.Create(folder["run"]);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => new Trainer(Task(1e-8), run, new Listener(_ => cancel.Cancel())).Run(cancel.Token));
        // Goes on with a rate that breaks the third epoch's step.
        var message = Assert.Throws<TrainingException>(() =>
            new Trainer(Task(1e38), run).Run(TestContext.Current.CancellationToken)).Message;
        Assert.Contains($"stage 'classifier', epoch 3, by step 1; the last good checkpoint is kept in '{run.CheckpointFile}'", message,
            StringComparison.Ordinal);
        using var kept = Checkpoint.Read(run.CheckpointFile);
        Assert.Equal((0, 2, 0), (kept.State.Stage, kept.State.Epoch, kept.State.Step));
        Assert.Null(Finite.FirstBad(kept.Group("student").Concat(kept.Group("best"))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_weight_that_breaks_at_the_last_step_is_noticed(bool inFolder)
    {
        using var run = inFolder ? RunFolder.Create(folder["run"]) : null;
        var reports = new List<TrainProgress>();
        var message = Assert.Throws<TrainingException>(() => new Trainer(Task(1e38), run, new Listener(reports.Add))
            .Run(TestContext.Current.CancellationToken)).Message;
        Assert.Matches("^'(student|velocity)/.*' became NaN or infinite in stage 'classifier', epoch 1, by step 1; "
            + (inFolder ? "there was no checkpoint before it" : "the run has no folder") + ".*A lower learning rate", message);
        Assert.DoesNotContain(reports, now => now.EpochDone);
        Assert.True(run is null || !File.Exists(run.CheckpointFile));
    }

    [Fact]
    public void A_network_that_was_made_of_numbers_that_are_none_is_not_written()
    {
        using var run = RunFolder.Create(folder["run"]);
        var task = Task(1e-8) with { Method = new Method("broken", []) { Classifier = new Broken() } };
        var message = Assert.Throws<TrainingException>(() =>
            Execution.Run(task, MadeUpImages.Ending(task.Train), "", run, null, TestContext.Current.CancellationToken)).Message;
        Assert.Equal($"'{run.LastNetworkFile}' is not written: its tensor 'fc.weight' would hold numbers that are NaN or infinite; "
            + "there was no checkpoint before it.", message);
        Assert.DoesNotContain(Directory.GetFiles(run.Path), file => file.EndsWith("safetensors", StringComparison.Ordinal));
    }

    /// <summary>Maps of one pixel have a variance over the images alone.</summary>
    [Fact]
    public void A_last_image_alone_leaves_no_statistics_that_are_no_numbers()
    {
        var task = Task(1e-8, images: 9, size: 4);
        new Trainer(task).Run(TestContext.Current.CancellationToken);
        Assert.Null(Finite.FirstBad(ModuleState.Of(task.Student)));
    }

    /// <summary>Fits a classifier that is no numbers.</summary>
    private sealed record Broken : EmbeddingClassifier
    {
        public override string Name => "broken";

        public override bool ChoosesOnHeldOut => false;

        public override FittedClassifier Fit(Readings train, Readings heldOut, int classes, CancellationToken cancel = default) =>
            new Fitted();

        private sealed class Fitted : FittedClassifier
        {
            public override (Tensor Weight, Tensor Bias)? Linear => (Numbers.Full([4, 64], double.NaN, ScalarType.Float32, CPU), zeros(4));

            public override Tensor Scores(Tensor embeddings, CancellationToken cancel = default) => zeros(embeddings.shape[0], 4);

            public override void Dispose() { }
        }
    }

    private sealed class Listener(Action<TrainProgress> told) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => told(value);
    }
}
