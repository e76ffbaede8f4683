using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Tests.Training;

public class TrainerTests
{
    private static readonly ImageSet Images = MadeUpImages.Set(50, 4, 32);

    private static EmbeddingNetwork Student() => NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 1 });

    private static NetworkTeacher Teacher() => new(NetworkCatalog.Create("wrn-10-2", new NetworkOptions(3) { Seed = 2 }), ["x", "y", "z"]);

    private static TrainingTask Task(ITeacher? teacher, Method method) => new(Student(), teacher, method, Images, Images.At([]))
    {
        BatchSize = 8, // seven batches an epoch, the last of two images
        Views = 2,
        Stage1 = new StageSettings { Epochs = 2 },
        Stage2 = new StageSettings { Epochs = 2 },
    };

    private static Dictionary<string, Tensor> Weights(TrainingTask task, RunFolder? folder = null, CancellationToken cancel = default)
    {
        using var temporary = new TemporaryFolder();
        using var own = folder is null ? RunFolder.Create(temporary["run"]) : null;
        new Trainer(task, (folder ?? own)!).Run(cancel);
        return task.Student.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
    }

    private static void Same(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found) =>
        Assert.All(expected, pair => Assert.True(pair.Value.equal(found[pair.Key]).all().item<bool>(), pair.Key));

    [Fact]
    public void In_fp32_a_run_with_the_cache_ends_with_the_same_bits_as_one_without()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var method = Methods.Refilled(new LossOptions { LocalClassifier = LocalClassifier.Authors });
        var live = Weights(Task(Teacher(), method));
        var options = new CacheOptions { DataHash = "made up", Views = 2 };
        using var memory = new CachedTeacher(Teacher(), Images, options);
        Same(live, Weights(Task(memory, method)));
        using var files = new CachedTeacher(Teacher(), Images, options with { Folder = folder.Path });
        Same(live, Weights(Task(files, method)));
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length); // two views, and the evaluation view for the global centres
    }

    [Fact]
    public void Gradients_of_several_batches_are_averaged_before_an_update()
    {
        using var scope = NewDisposeScope();
        var task = Task(null, Methods.Student(new())) with { Accumulate = 3 };
        using var run = new StageRun(task, 0);
        run.Start();
        var expected = Student();
        expected.ResetClassifier(SeedMix.Mix(task.Seed, SeedStream.Classifier, 0));
        using var optimizer = new Sgd(expected.named_parameters(), 0.9, 5e-4);
        task.Student.train();
        expected.train();
        var step = 0;
        foreach (var batch in run.Stream.Epoch(0))
        {
            using (batch)
            {
                var clock = new TrainClock(0, step, 7, 2);
                run.Step(batch, clock);
                if (step % 3 == 0) optimizer.ZeroGrad();
                var logits = expected.Observe(batch.Images, Needs.Logits).Logits;
                nn.functional.cross_entropy(logits, batch.Labels).Over(step < 6 ? 3 : 1).backward();
                step++;
                Assert.Equal(step is 3 or 6 or 7, run.IsWhole(step));
                if (run.IsWhole(step)) optimizer.Step(task.Stage2.LearningRateAt(clock), ones([]));
            }
        }
        foreach (var (name, parameter) in task.Student.named_parameters())
            Assert.InRange((parameter - expected.get_parameter(name)!).abs().max().Number(), 0, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_run_that_was_cancelled_goes_on_to_the_same_bits(int accumulate)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var method = Methods.Refilled(new());
        var expected = Weights(Task(Teacher(), method) with { Accumulate = accumulate });
        foreach (var at in new[] { 2, 12, 24 })
        {
            using var held = RunFolder.Create(folder[$"run-{at}"]);
            held.Begin("", new { });
            using var cancel = new CancellationTokenSource();
            using var stopping = new StoppingTeacher(Teacher(), at, cancel);
            var task = Task(stopping, method) with { Accumulate = accumulate };
            Assert.Throws<OperationCanceledException>(() => Weights(task, held, cancel.Token));
            Same(expected, Weights(Task(Teacher(), method) with { Accumulate = accumulate }, held));
        }
    }

    /// <summary>A first stage that sees 20 more images, without labels.</summary>
    private static TrainingTask Unlabelled(ITeacher teacher, ITeacher beside)
    {
        var task = Task(teacher, Methods.RegressLkd(new()));
        return task with
        {
            Unlabelled = new UnlabelledTask(MadeUpImages.Set(20, 4, 32).Unlabelled(), beside), Stage1 = task.Stage1 with { Views = 1 },
        };
    }

    [Fact]
    public void Unlabelled_images_are_seen_by_the_stage_without_labels_once_an_epoch_and_by_no_other()
    {
        using var scope = NewDisposeScope();
        using var teacher = new CountingTeacher(Teacher());
        using var beside = new CountingTeacher(Teacher());
        Weights(Unlabelled(teacher, beside));
        Assert.Equal([8, 8, 4, 8, 8, 4], beside.Seen);
        Assert.Equal(2 * 50 + 50 + 2 * 50, teacher.Seen.Sum()); // of the first stage, to prepare it, and of the second
        using var run = new StageRun(Unlabelled(teacher, beside), 0);
        Assert.Equal((7 + 3, 70), (run.Stream.StepsPerEpoch, run.ImagesPerEpoch));
        Assert.All(run.Stream.Epoch(1), batch => Assert.Equal(0, batch.Views[0]));
    }

    [Fact]
    public void A_run_with_unlabelled_images_goes_on_to_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var expected = Weights(Unlabelled(Teacher(), Teacher()));
        foreach (var at in new[] { 3, 12, 17 })
        {
            using var held = RunFolder.Create(folder[$"run-{at}"]);
            held.Begin("", new { });
            using var cancel = new CancellationTokenSource();
            using var stopping = new StoppingTeacher(Teacher(), at, cancel);
            Assert.Throws<OperationCanceledException>(() => Weights(Unlabelled(stopping, Teacher()), held, cancel.Token));
            Same(expected, Weights(Unlabelled(Teacher(), Teacher()), held));
        }
    }

    /// <summary>The first stage as it is, the second on mixed images, with classes that are weighed.</summary>
    private static TrainingTask Mixed(ITeacher teacher) => Task(teacher, Methods.Refilled(new LossOptions
        { LocalClassifier = LocalClassifier.Authors, CrossEntropy = new CrossEntropy { ClassWeights = "balanced" } })) with
    {
        Train = MixedImages, Stage1 = new StageSettings { Epochs = 2, Mixed = false },
    };

    private static readonly ImageSet MixedImages = Images.With(new Augmentation { Mixup = 0.4, Cutmix = 1 });

    [Fact]
    public void On_mixed_images_a_run_that_was_cancelled_goes_on_to_the_same_bits_with_kept_answers_or_live_ones()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var expected = Weights(Mixed(Teacher()));
        foreach (var at in new[] { 2, 20, 27 }) // the second stage's 14 steps follow the first's and the one batch of the centres
        {
            using var held = RunFolder.Create(folder[$"run-{at}"]);
            held.Begin("", new { });
            using var cancel = new CancellationTokenSource();
            using var stopping = new StoppingTeacher(Teacher(), at, cancel);
            Assert.Throws<OperationCanceledException>(() => Weights(Mixed(stopping), held, cancel.Token));
            using var kept = new CachedTeacher(Teacher(), MixedImages,
                new CacheOptions { DataHash = "made up", Views = 2, Folder = folder[$"signals-{at}"] });
            Same(expected, Weights(Mixed(kept), held));
        }
        Same(expected, Weights(Mixed(new CachedTeacher(Teacher(), MixedImages,
            new CacheOptions { DataHash = "made up", Views = 2, Folder = folder["signals"] }))));
        // Two plain views for the first stage, two mixed ones for the second, and the evaluation view for the global centres.
        Assert.Equal(5, Directory.GetFiles(folder["signals"]).Length);
        var plain = Weights(Mixed(Teacher()) with { Stage2 = new StageSettings { Epochs = 2, Mixed = false } });
        Assert.Contains(expected, pair => !pair.Value.equal(plain[pair.Key]).all().item<bool>());
    }

    [Fact]
    public void A_stage_that_needs_one_class_for_each_image_refuses_mixed_ones()
    {
        var task = Task(Teacher(), Methods.Refilled(new())) with { Train = MixedImages };
        Assert.Equal("The stage 'embedding' can't be trained on mixed images: its loss triplet-alignment compares images by their one "
            + "class, and a mixed image is of two.", Assert.Throws<InputException>(() => new StageRun(task, 0)).Message);
    }

    [Fact]
    public void A_mixed_image_is_right_by_the_part_that_is_what_it_is_called()
    {
        using var scope = NewDisposeScope();
        var task = Task(null, Methods.Student(new())) with { Train = MixedImages };
        using var run = new StageRun(task, 0);
        run.Start();
        var (right, images) = (0.0, 0);
        foreach (var batch in run.Stream.Epoch(0).Take(3))
        {
            using (batch)
            {
                task.Student.train();
                var before = task.Student.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
                long[] called;
                using (no_grad()) called = task.Student.Observe(batch.Images, Needs.Logits).Logits.argmax(1).data<long>().ToArray();
                foreach (var (name, tensor) in task.Student.state_dict()) using (no_grad()) tensor.copy_(before[name]);
                run.Step(batch, new TrainClock(0, 0, 7, 2));
                var (labels, partners, shares) = (batch.Labels.data<long>().ToArray(), batch.PartnerLabels!.data<long>().ToArray(),
                    batch.Shares!.data<float>().ToArray());
                for (var i = 0; i < batch.Size; i++, images++)
                    right += (called[i] == labels[i] ? shares[i] : 0) + (called[i] == partners[i] ? 1 - shares[i] : 0);
            }
        }
        Assert.Equal(right / images, run.Meter.Means()["accuracy"], 1e-6);
    }

    [Fact]
    public void Without_a_folder_a_run_ends_with_the_same_bits_and_tells_its_epochs()
    {
        using var scope = NewDisposeScope();
        var method = Methods.Refilled(new());
        var expected = Weights(Task(Teacher(), method));
        var task = Task(Teacher(), method);
        var told = new List<TrainProgress>();
        var outcome = new Trainer(task, progress: new Listener(told)).Run(TestContext.Current.CancellationToken);
        Same(expected, task.Student.state_dict());
        Assert.Equal(1, outcome.SelectedEpoch); // nothing is held out, so the last is taken
        Assert.Equal(expected.Keys.Order(), outcome.Selected.Keys.Order());
        var other = Student();
        outcome.GiveTo(other);
        Same(expected, other.state_dict());
        var epochs = told.Where(now => now.EpochDone && now.Means.Count > 0).Select(now => (now.Stage, now.Epoch));
        Assert.Equal([("embedding", 0), ("embedding", 1), ("classifier", 0), ("classifier", 1)], epochs);
    }

    [Fact]
    public void Without_a_folder_a_run_stops_when_it_is_cancelled()
    {
        using var scope = NewDisposeScope();
        using var cancel = new CancellationTokenSource();
        using var stopping = new StoppingTeacher(Teacher(), 2, cancel);
        Assert.Throws<OperationCanceledException>(() => new Trainer(Task(stopping, Methods.Refilled(new()))).Run(cancel.Token));
    }

    private sealed class Listener(List<TrainProgress> told) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => told.Add(value);
    }

    /// <summary>Cancels when it is asked for the n-th time.</summary>
    private sealed class StoppingTeacher(ITeacher teacher, int at, CancellationTokenSource cancel) : ITeacher
    {
        private int asked;

        public Needs Provides => teacher.Provides;

        public int EmbeddingSize => teacher.EmbeddingSize;

        public IReadOnlyList<string> ClassNames => teacher.ClassNames;

        public string Fingerprint => teacher.Fingerprint;

        public Signals Observe(Batch batch, Needs needs)
        {
            if (++asked == at) cancel.Cancel();
            return teacher.Observe(batch, needs);
        }

        public void Dispose() => teacher.Dispose();
    }
}
