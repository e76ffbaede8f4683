using System.Globalization;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Experiments.FewShot;
using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.FewShot;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.Engine;

/// <summary>Tests that keep the collector busy, or count what it frees, run alone.</summary>
[CollectionDefinition(nameof(StressTests), DisableParallelization = true)]
public sealed class StressCollection;

/// <summary>Everything that computes gives the same bits while other threads keep the collector at work as in peace, and leaves it no
/// tensor to free. REFILLED_STRESS_STEPS makes it longer: steps of training, and as many tasks and passes; with 3, every method in
/// every family. REFILLED_STRESS_PAUSE is how many milliseconds each collecting thread sleeps in between, by default 1; with 0 they
/// take most of the time. See eng/stress.</summary>
[Collection(nameof(StressTests))]
[Trait("Category", "Stress")]
public class StressTests
{
    private static readonly int Steps = Setting("REFILLED_STRESS_STEPS", Short);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(Setting("REFILLED_STRESS_PAUSE", 1));

    private static readonly string[] Families = ["wrn-10-1", "resnet-8", "mobilenet-0.25", "convnet-4", "convnet-4-flat", "resnet-12-0.25"];

    /// <summary>Families for photos and of others, by the method that reads most of a family.</summary>
    private static readonly string[] ByOneMethod = ["refilled-wrn-10-1", "mobilenet-v2-0.25", "mobilenet-v3-small"];

    private const int Short = 2, Product = 3;

    private const int Classes = 4, BatchSize = 8;

    private static readonly EpisodeShape Shape = new() { Way = 3, Shot = 1, Query = 2 };

    private static readonly LossOptions Losses = new()
    {
        Prototypes = new PrototypeLoss { Episode = Shape },
        SetToSet = new SetToSetLoss { Episode = Shape, Dropout = 0.5 },
        Maml = new MamlLoss { Episode = Shape, InnerSteps = 2 },
    };

    public static IEnumerable<TheoryDataRow<string, string>> Trainings() =>
        from family in Families.Concat(ByOneMethod)
        from name in Methods.Names
        let method = Methods.Create(name, Losses)
        where method.Stages.Count > 0 && (name != "maml" || family.StartsWith("convnet", StringComparison.Ordinal))
        // Every method in every family takes long: else every method, and every family by the method that reads most of it.
        where name is "maml" or "kd+vid" || family == Families[0] || (family == Families[1] && name == "student")
            || (Steps == Product && !ByOneMethod.Contains(family))
        select new TheoryDataRow<string, string>(family, name);

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Training(string family, string name) => Same(() =>
    {
        Processor.MustCompute(family);
        Processor.MustNotCrash(family);
        var size = family.StartsWith("mobilenet", StringComparison.Ordinal) ? 32 : family.StartsWith("convnet", StringComparison.Ordinal)
            || family.StartsWith("resnet-12", StringComparison.Ordinal) ? 16 : 8; // as often as they halve it
        var input = InputSpec.Square(size, ChannelStatistics.Cifar100);
        EmbeddingNetwork Network(int seed) => NetworkCatalog.Create(family, new NetworkOptions(Classes) { Seed = seed, Input = input });
        var perEpoch = Math.Min(Steps, 50);
        var method = Methods.Create(name, Losses);
        // One family sees mixed images, where its losses take them.
        var mixes = family == Families[1] && method.Stages.All(stage => stage.MixMisfit is null);
        var images = MadeUpImages.Set(BatchSize * perEpoch + Classes, Classes, size)
            .With(mixes ? new Augmentation { Mixup = 0.2, Cutmix = 1 } : null);
        using var student = Network(1);
        using var teacher = method.TeacherNeeds == Needs.None ? null : new NetworkTeacher(Network(2), images.ClassNames);
        var settings = new StageSettings { Epochs = Steps / perEpoch, LearningRate = 0.01, EpisodesPerEpoch = perEpoch };
        var train = images.Count - Classes;
        var heldOut = images.At([.. Enumerable.Range(train, Classes)]);
        var task = new TrainingTask(student, teacher, method, images.At([.. Enumerable.Range(0, train)]), heldOut)
        {
            BatchSize = BatchSize,
            Views = 1,
            Stage1 = settings,
            Stage2 = settings,
        };
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(folder["run"]);
        using var outcome = new Trainer(task, run).Run(TestContext.Current.CancellationToken);
        return Bits(student) + (outcome.Adapter is null ? "" : Bits(outcome.Adapter));
    });

    /// <summary>What a checkpoint gives back is read by the engine, too.</summary>
    [Fact]
    public void A_run_that_goes_on() => Same(() =>
    {
        using var folder = new TemporaryFolder();
        using var student = NetworkCatalog.Create(
            "wrn-10-1", new NetworkOptions(Classes) { Input = InputSpec.Square(8, ChannelStatistics.ImageNet) });
        var images = MadeUpImages.Set(4 * BatchSize, Classes);
        var task = new TrainingTask(student, null, Methods.Student(Losses), images, images.At([]))
            { BatchSize = BatchSize, Views = 1, Stage2 = new StageSettings { Epochs = 3 } };
        using var run = RunFolder.Create(folder["run"]);
        run.Begin("", new { });
        for (var cut = 0; cut < 2; cut++)
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => new Trainer(task, run, new Ending(stop)).Run(stop.Token));
        }
        using var outcome = new Trainer(task, run).Run(TestContext.Current.CancellationToken);
        return Bits(student);
    });

    /// <summary>Ends a run with its next epoch.</summary>
    private sealed class Ending(CancellationTokenSource stop) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value)
        {
            if (value.EpochDone) stop.Cancel();
        }
    }

    public static TheoryData<string> Learners => [.. FewShotLearners.Names, "fine-tune-all"];

    [Theory]
    [MemberData(nameof(Learners))]
    public void Few_shot_learners(string name) => Same(() =>
    {
        if (name is "maml" or "fine-tune" or "fine-tune-all" or "refilled") Processor.MustTrainSideBySide();
        using var source = new FewShotSource(MadeUpImages.Set(60, 5, 16));
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var teacherNetwork = SmallTasks.Network("resnet-8", 3, 16);
        using var teacher = new NetworkTeacher(teacherNetwork, []);
        using var transformer = new SetTransformer(64, 1, 5);
        using var head = nn.Linear(64, 3);
        using (NewDisposeScope())
        {
            using var _ = no_grad();
            head.weight!.copy_(Rows.Random(3, 64, 5, 0.1));
            head.bias!.zero_();
        }
        var learner = Learner(name, network, teacher, transformer, head);
        using var disposable = learner as IDisposable;
        var tasks = new FewShotTasks(source, new EpisodeShape { Way = 3, Shot = 2, Query = 3 }, 7, Math.Max(2, Steps / 5));
        var found = FewShotEvaluator.Evaluate(learner, tasks, threads: 2, cancel: TestContext.Current.CancellationToken);
        var text = string.Join(' ', found.Accuracies);
        if (learner is IStudentMaker maker)
        {
            using var made = maker.MakeStudent(tasks[0]);
            text += Bits(made);
        }
        return text;
    });

    private static readonly AdaptationStage ThreeSteps = new() { Steps = 3 };

    private static IFewShotLearner Learner(
        string name, EmbeddingNetwork network, ITeacher teacher, SetTransformer transformer, Linear head) => name switch
    {
        "1nn" => new NearestNeighbourLearner(network),
        "ncm" => new PrototypeLearner(network, "ncm"),
        "svm" => new SvmLearner(network),
        "fine-tune" => new FineTuneLearner(network, new FineTuneOptions { Views = 2, Training = ThreeSteps }),
        "fine-tune-all" => new FineTuneLearner(
            network, new FineTuneOptions { Views = 2, Parts = TrainedParts.All, BatchNorm = BatchNormMode.Batch, Training = ThreeSteps }),
        "maml" => new MamlLearner(network, head) { Steps = 2, LearningRate = 0.1 },
        "protonet" => new PrototypeLearner(network),
        "feat" => new FeatLearner(network, transformer),
        "refilled" => new RefilledLearner(network, teacher, new RefilledOptions { Views = 2, Stage1 = ThreeSteps, Stage2 = ThreeSteps }),
        _ => throw new InvalidOperationException($"The learner '{name}' isn't in this test."),
    };

    public static TheoryData<string> Evaluations =>
        ["all measures", "class means", "class means as a classifier", "nearest neighbour", "logistic regression", "choice of C"];

    [Theory]
    [MemberData(nameof(Evaluations))]
    public void Evaluation(string what) => Same(() =>
    {
        var images = MadeUpImages.Clusters(Classes, 12, 16);
        using var network = SmallTasks.Network("convnet-4", size: 16);
        using var seen = NetworkReader.Read(network, images);
        var text = "";
        for (var pass = 0; pass < Math.Max(1, Steps / 10); pass++) text += what switch
        {
            "all measures" => Evaluator.Evaluate(network, images, images).ToString(),
            "class means" => Means(seen),
            "class means as a classifier" => Given(network, images),
            "nearest neighbour" => Scores(new NearestNeighbourClassifier().Fit(seen, seen, Classes), seen),
            "logistic regression" => Scores(new LogisticRegression().Fit(seen, seen, Classes), seen),
            _ => ChosenC(network, images),
        };
        return text;
    });

    private static string Means(Readings seen)
    {
        using var means = NearestClassMean.Fit(seen.Embeddings, seen.Labels);
        using var found = means.Predict(seen.Embeddings);
        return Bits(means.Centres) + Bits(found);
    }

    private static string Given(EmbeddingNetwork network, ImageSet images)
    {
        MeanClassifier.Give(network, images);
        return Bits(network);
    }

    private static string Scores(FittedClassifier fitted, Readings seen)
    {
        using (fitted)
        {
            using var scores = fitted.Scores(seen.Embeddings);
            return Bits(scores);
        }
    }

    private static string ChosenC(EmbeddingNetwork network, ImageSet images)
    {
        using var source = new FewShotSource(images);
        var tasks = new FewShotTasks(source, new EpisodeShape { Way = 3, Shot = 2, Query = 3 }, 7, 4);
        return SvmLearner.ChooseC(network, tasks).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>In peace, leaving no tensor to the collector, and beside it.</summary>
    private static void Same(Func<string> compute)
    {
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            var expected = compute();
            if (Steps == Short)
            {
                // Not the first time: what is kept for the process has been made now.
                var freed = FreedTensors.Count();
                Assert.Equal(expected, compute());
                Assert.Equal(freed, FreedTensors.Count());
            }
            using var busy = new BusyCollector(2, Pause);
            Assert.Equal(expected, compute());
            Assert.True(busy.Collections > 0);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string Bits(nn.Module module) => string.Concat(ModuleState.Of(module).Select(pair => pair.Key + Bits(pair.Value)));

    private static string Bits(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return Convert.ToHexString(tensor.detach().cpu().contiguous().bytes);
    }
}
