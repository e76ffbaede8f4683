using Refilled.Experiments;
using Refilled.FewShot;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

/// <summary>Few-shot tasks in the same loop as batches.</summary>
public class EpisodeTrainingTests
{
    private static readonly ImageSet All = MadeUpImages.Set(84, 7);
    private static readonly ImageSet Train = All.OfClasses([0, 1, 2, 3]);
    private static readonly EpisodeShape Shape = new() { Way = 3, Shot = 2, Query = 2 };
    private static readonly PrototypeLoss Prototypes = new() { Episode = Shape, Temperature = 8 };
    private static readonly SetToSetLoss SetToSet = new() { Episode = Shape, Temperature = 8, ContrastTemperature = 8, Dropout = 0.5 };

    private static EmbeddingNetwork Student() =>
        NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1, Input = InputSpec.Square(8, ChannelStatistics.Cifar100) });

    private static Stage Tasks(string name, LossSpec loss) => new(name, [loss], StageLength.Second, SelectionMeasure.Episodes);

    private static TrainingTask Task(params Stage[] stages) => new(Student(), null, new Method("made-up", stages), Train, Train.At([]))
    {
        BatchSize = 8,
        Validation = new ValidationTasks(All.OfClasses([4, 5, 6]), new EpisodeShape { Way = 2, Shot = 1, Query = 4 })
        {
            Count = 6,
            Seed = 3,
        },
        Stage2 = new StageSettings { Epochs = 2, EpisodesPerEpoch = 12, LearningRate = 0.05, ObjectiveRate = 2 },
    };

    private sealed record Ended(
        Dictionary<string, Tensor> Last,
        Dictionary<string, Tensor> Selected,
        Dictionary<string, Tensor> Adapter,
        double? Score,
        int Epoch);

    private static Ended Run(
        TrainingTask task, RunFolder? folder = null, IProgress<TrainProgress>? progress = null, CancellationToken cancel = default)
    {
        using var temporary = new TemporaryFolder();
        using var own = folder is null ? RunFolder.Create(temporary["run"]) : null;
        var outcome = new Trainer(task, (folder ?? own)!, progress).Run(cancel);
        return new Ended(
            ModuleState.Copy(ModuleState.Of(task.Student)),
            new(outcome.Selected),
            outcome.Adapter is { } adapter ? ModuleState.Copy(ModuleState.Of(adapter)) : [],
            outcome.Score,
            outcome.SelectedEpoch);
    }

    private static void Same(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found)
    {
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, pair => Assert.True(pair.Value.equal(found[pair.Key]).all().item<bool>(), pair.Key));
    }

    [Fact]
    public void A_step_is_a_task_and_the_gradients_of_several_make_a_meta_batch()
    {
        using var scope = NewDisposeScope();
        var task = Task(Tasks("embedding", Prototypes)) with { Accumulate = 5, Seed = 9, ViewSeed = 4 };
        using var run = new StageRun(task, 0);
        run.Start();
        Assert.Equal((12, 12 * 12), (run.Stream.StepsPerEpoch, run.ImagesPerEpoch));
        var expected = Student();
        expected.ResetClassifier(SeedMix.Mix(9, SeedStream.Classifier, 0));
        using var optimizer = new Sgd(expected.named_parameters(), 0.9, 5e-4);
        task.Student.train();
        expected.train();
        var sampler = new EpisodeSampler(Train, Shape, SeedMix.Mix(9, SeedStream.Episode, 0));
        var (step, shape) = (0, Train.Store.ViewShape);
        foreach (var batch in run.Stream.Epoch(1))
        {
            using (batch) run.Step(batch, new TrainClock(1, step, 12, 2));
            // The same from what a task is, drawn by hand.
            var episode = sampler[12 + step];
            var images = empty([12, 3, 8, 8], ScalarType.Byte);
            foreach (var (position, i) in episode.Support.Concat(episode.Queries).Select((position, i) => (position, i)))
                Train.Store.Draw(new View(4, Train.SampleIds[position], 12 + step), images.bytes.Slice(i * shape.Bytes, shape.Bytes));
            if (step % 5 == 0) optimizer.ZeroGrad();
            var rows = expected.Observe(images, Needs.Embedding).Embedding;
            var means = rows.narrow(0, 0, 3).Plus(rows.narrow(0, 3, 3)).Over(2);
            var logits = (rows.narrow(0, 6, 6).unsqueeze(1) - means.unsqueeze(0)).Squared().sum(dim: 2).Over(-8);
            nn.functional.cross_entropy(logits, tensor(new long[] { 0, 1, 2, 0, 1, 2 })).Over(step < 10 ? 5 : 2).backward();
            step++;
            if (step is 5 or 10 or 12) optimizer.Step(task.Stage2.LearningRateAt(new TrainClock(1, step - 1, 12, 2)), ones([]));
        }
        Assert.Equal(12, step);
        Assert.False(run.Meter.Means().ContainsKey("accuracy"));
        foreach (var (name, parameter) in task.Student.named_parameters())
            Assert.InRange((parameter - expected.get_parameter(name)!).abs().max().Number(), 0, 1e-5);
        // Nothing reads the logits, so that the classifier stays as it was drawn.
        Assert.True(ModuleState.Of(task.Student)["fc.weight"].equal(ModuleState.Of(expected)["fc.weight"]).all().item<bool>());
    }

    public static TheoryData<string, int> Resumes() => new() { { "adapter", 5 }, { "mixed", 1 } };

    [Theory]
    [MemberData(nameof(Resumes))]
    public void A_run_that_was_cancelled_in_each_stage_goes_on_to_the_same_bits(string which, int accumulate)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Stage[] stages = which switch
        {
            "adapter" => [Tasks("first", Prototypes), Tasks("second", SetToSet)],
            _ => [Tasks("first", SetToSet), new Stage("second", [new CrossEntropy()], StageLength.Second, SelectionMeasure.Episodes)],
        };
        TrainingTask Task() => EpisodeTrainingTests.Task(stages) with { Accumulate = accumulate };
        var expected = Run(Task());
        Assert.Equal(which == "adapter", expected.Adapter.Count > 0);
        // Within an epoch of each stage, between them, between epochs, and at the end.
        (string Stage, int Epoch, bool Done)[] places =
            [("first", 1, false), ("first", 1, true), ("second", 0, false), ("second", 0, true), ("second", 1, true)];
        foreach (var (stage, epoch, done) in places)
        {
            if (!done && which == "mixed" && stage == "second") continue; // its epochs have fewer steps than lie between reports
            using var held = RunFolder.Create(folder[$"{stage}-{epoch}-{done}"]);
            held.Begin("", new { });
            using var cancel = new CancellationTokenSource();
            var stopping = new Stopping(now => now.Stage == stage && now.Epoch == epoch && now.EpochDone == done, cancel);
            if (done && epoch == 1 && stage == "second") Run(Task(), held, stopping, cancel.Token); // it was the end
            else Assert.Throws<OperationCanceledException>(() => Run(Task(), held, stopping, cancel.Token));
            var resumed = Run(Task(), held);
            Same(expected.Last, resumed.Last);
            Same(expected.Selected, resumed.Selected);
            Same(expected.Adapter, resumed.Adapter);
            Assert.Equal((expected.Score, expected.Epoch), (resumed.Score, resumed.Epoch));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_best_epoch_is_that_of_the_validation_tasks_and_its_adapter_comes_with_it(bool adapts)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(folder["run"]);
        var task = Task(Tasks("embedding", adapts ? SetToSet : Prototypes)) with
        {
            Stage2 = new StageSettings { Epochs = 6, EpisodesPerEpoch = 4, LearningRate = 0.1, FinalLearningRate = 0.1 },
        };
        var scores = new List<double>();
        var listener = new Stopping(
            now =>
            {
                if (now.EpochDone) scores.Add(now.HeldOut!.Value);
                return false;
            },
            null);
        var outcome = new Trainer(task, run, listener).Run(TestContext.Current.CancellationToken);
        Assert.Equal(6, scores.Count);
        Assert.True(scores.Distinct().Count() > 1, "every epoch scores alike, which shows nothing");
        Assert.Equal((scores.Max(), scores.IndexOf(scores.Max())), (outcome.Score, outcome.SelectedEpoch));

        ModuleState.Restore(ModuleState.Of(task.Student), outcome.Selected, "");
        Assert.Equal(adapts, outcome.Adapter is not null);
        if (outcome.Adapter is not { } adapter)
        {
            Assert.Equal(outcome.Score, ((ValidationTasks)task.Validation!).Score(new PrototypeLearner(task.Student)));
            return;
        }
        AdapterFile.Save(run.AdapterFile, adapter);
        using var loaded = AdapterFile.Load(run.AdapterFile, task.Student);
        Assert.Equal(SetToSet, loaded.Spec);
        Assert.Equal(outcome.Score, ((ValidationTasks)task.Validation!).Score(((ILearnerObjective)loaded).Learner(task.Student)));
    }

    [Fact]
    public void Batches_may_be_selected_by_tasks_and_tasks_on_held_out_images()
    {
        using var scope = NewDisposeScope();
        var (train, heldOut) = Train.HoldOut(0.3, 0);
        var batches = Task(new Stage("classifier", [new CrossEntropy()], StageLength.Second, SelectionMeasure.Episodes));
        var byTasks = Run(batches);
        ModuleState.Restore(ModuleState.Of(batches.Student), byTasks.Selected, "The selected epoch");
        batches.Student.eval();
        Assert.Equal(byTasks.Score, ((ValidationTasks)batches.Validation!).Score(new PrototypeLearner(batches.Student)));
        var tasks = Task(Tasks("embedding", Prototypes) with { Selection = SelectionMeasure.NearestClassMean }) with
        {
            Train = train,
            HeldOut = heldOut,
            Validation = null,
        };
        var byImages = Run(tasks);
        ModuleState.Restore(ModuleState.Of(tasks.Student), byImages.Selected, "The selected epoch");
        Assert.Equal(byImages.Score, Selection.Score(SelectionMeasure.NearestClassMean, tasks.Student, train, heldOut));
        Assert.Null(Run(tasks with { HeldOut = heldOut.At([]) }).Score);
        var unselected = Task(Tasks("embedding", Prototypes)) with { Validation = null };
        Assert.Contains("has none", Assert.Throws<InvalidOperationException>(() => Run(unselected)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Losses_that_read_different_batches_can_not_share_a_stage()
    {
        var mixed = new Stage("mixed", [Prototypes, new CrossEntropy()], StageLength.Second, SelectionMeasure.Episodes);
        Assert.Equal("The stage 'mixed' can't be trained: its losses share their batches, "
            + "but prototypes reads tasks of 3 classes with 2 shots and 2 queries, and cross-entropy reads images in no order.",
            Assert.Throws<InputException>(() => mixed.Episode).Message);
        Assert.Equal(Shape, new Stage("both", [Prototypes, SetToSet], StageLength.Second, SelectionMeasure.Episodes).Episode);
        LossSpec[] neither = [new CrossEntropy(), new RelationalKnowledge()];
        Assert.Null(new Stage("neither", neither, StageLength.Second, SelectionMeasure.Accuracy).Episode);
    }

    /// <summary>Cancels when a report says so.</summary>
    private sealed class Stopping(Func<TrainProgress, bool> at, CancellationTokenSource? cancel) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            if (at(value)) cancel!.Cancel();
        }
    }
}
