using Refilled.FewShot;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Learners;

public class FineTuneLearnerTests
{
    private static FineTuneOptions Options(TrainedParts parts = TrainedParts.All, int steps = 4) =>
        new() { Parts = parts, Views = 3, Training = new AdaptationStage { Steps = steps, LearningRate = 0.05 } };

    public static TheoryData<TrainedParts, BatchNormMode, ClassifierStart, AdaptedPrediction> Kinds() => new()
    {
        { TrainedParts.All, BatchNormMode.Kept, ClassifierStart.Random, AdaptedPrediction.Classifier },
        { TrainedParts.All, BatchNormMode.Batch, ClassifierStart.Imprinted, AdaptedPrediction.Classifier },
        { TrainedParts.All, BatchNormMode.Kept, ClassifierStart.Random, AdaptedPrediction.NearestClassMean },
        { TrainedParts.Classifier, BatchNormMode.Kept, ClassifierStart.Random, AdaptedPrediction.Classifier },
        { TrainedParts.Classifier, BatchNormMode.Kept, ClassifierStart.Imprinted, AdaptedPrediction.NearestClassMean },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_answer_is_a_function_of_the_task_and_nothing_is_left_behind(TrainedParts parts, BatchNormMode batchNorm,
        ClassifierStart start, AdaptedPrediction prediction)
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        var before = ModuleState.Copy(ModuleState.Of(network));
        FineTuneLearner Make() => new(network, Options(parts) with { BatchNorm = batchNorm, Classifier = start, Prediction = prediction });
        tasks.AgreeInAnyOrder(Make);
        using var learner = Make();
        tasks.LeaveNothing(learner);
        Assert.All(ModuleState.Of(network), pair => Assert.True(pair.Value.equal(before[pair.Key]).all().item<bool>(), pair.Key));
        Assert.False(network.training);
    }

    [Theory]
    [InlineData(TrainedParts.All)]
    [InlineData(TrainedParts.Classifier)]
    public void Answers_on_the_way_are_those_of_shorter_trainings(TrainedParts parts)
    {
        using var tasks = new SmallTasks(shot: 5);
        using var network = SmallTasks.Network();
        FineTuneLearner Make(int steps) =>
            new(network, Options(parts, steps) with { Training = new AdaptationStage { Steps = steps, LearningRate = 0.05, Batch = 8 } });
        using var learner = Make(6);
        var answers = learner.SolveAt(tasks[0], [6, 0, 3, 3]);
        Assert.Equal([0, 3, 6], answers.Keys.Order());
        foreach (var (steps, classes) in answers)
        {
            using var shorter = Make(steps);
            Assert.Equal(shorter.Solve(tasks[0]), classes);
        }
        Assert.NotEqual(answers[0], answers[6]);
        Assert.Throws<ArgumentOutOfRangeException>(() => learner.SolveAt(tasks[0], [-1]));
    }

    [Fact]
    public void A_dispose_scope_of_the_caller_does_not_take_what_the_learner_keeps()
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        foreach (var parts in Enum.GetValues<TrainedParts>())
        {
            int[] first;
            FineTuneLearner learner;
            using (NewDisposeScope())
            {
                learner = new FineTuneLearner(network, Options(parts));
                first = learner.Solve(tasks[1]);
            }
            using (no_grad()) Assert.Equal(first, learner.Solve(tasks[1]));
            learner.Dispose();
        }
    }

    /// <summary>Softmax regression on the embeddings, by loops.</summary>
    [Fact]
    public void A_classifier_alone_agrees_with_loops()
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        var task = tasks[2];
        var options = Options(TrainedParts.Classifier, 5);
        const int way = 3, size = 64;
        double[][] Embedded(FewShotImages images, int view) =>
            Rows.Doubles(network.Observe(images.Images(options.Seed, view), Needs.Embedding).Embedding);

        using var generator = new Generator((ulong)SeedMix
            .Mix(SeedMix.Mix(options.Seed, SeedStream.Episode, task.Number), SeedStream.Classifier));
        var w = Rows.Doubles(rand([way, size], generator: generator).Times(2).Plus(-1).Over(8)); // ±1/√64
        var b = Rows.Doubles(rand([1, way], generator: generator).Times(2).Plus(-1).Over(8))[0];
        var (vw, vb) = (w.Select(row => new double[size]).ToArray(), new double[way]);
        double[] Logits(double[] x) => [.. Enumerable.Range(0, way).Select(c => b[c] + w[c].Zip(x, (p, q) => p * q).Sum())];
        for (var step = 0; step < 5; step++)
        {
            var rows = Embedded(task.Support, step % 3);
            var slopes = rows.Select((x, i) =>
            {
                var exp = Logits(x).Select(Math.Exp).ToArray();
                return exp.Select((e, c) => (e / exp.Sum() - (task.Support.Labels[i] == c ? 1 : 0)) / rows.Length).ToArray();
            }).ToArray();
            void Update(ref double value, ref double velocity, double gradient)
            {
                gradient += 1e-3 * value;
                velocity = 0.9 * velocity + gradient;
                value -= 0.05 * (gradient + 0.9 * velocity);
            }
            for (var c = 0; c < way; c++)
            {
                for (var k = 0; k < size; k++) Update(ref w[c][k], ref vw[c][k], rows.Select((x, i) => slopes[i][c] * x[k]).Sum());
                Update(ref b[c], ref vb[c], slopes.Sum(slope => slope[c]));
            }
        }
        using var embeddings = new Refilled.Teachers.NetworkTeacher(SmallTasks.Network(), []);
        using var copies = new NetworkCopies(network);
        using var model = new ClassifierModel(copies, new ViewEmbeddings(embeddings, options.Seed), task, options.Views);
        var seed = SeedMix.Mix(options.Seed, SeedStream.Episode, task.Number);
        using var support = new SupportBatches(task.Support, options.Views, options.Seed, seed, CPU);
        model.StartClassifier(options, support.Labels, way, SeedMix.Mix(seed, SeedStream.Classifier));
        using var training = new SupportTraining(model, support, [new CrossEntropy()], new SignalShapes(way, size, 0), options.Training);
        training.RunTo(5);
        var found = Rows.Doubles(model.Parameters.First().Parameter);
        for (var c = 0; c < way; c++)
            for (var k = 0; k < size; k++) Assert.Equal(w[c][k], found[c][k], 1e-5);

        using var learner = new FineTuneLearner(network, options);
        Assert.Equal(Embedded(task.Query, -1).Select(x => Array.IndexOf(Logits(x), Logits(x).Max())), learner.Solve(task));
    }

    [Theory]
    [InlineData(BatchNormMode.Kept)]
    [InlineData(BatchNormMode.Batch)]
    public void The_whole_network_trains_as_by_the_engines_optimizer(BatchNormMode batchNorm)
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        var task = tasks[2];
        var options = Options() with { BatchNorm = batchNorm };
        using var learner = new FineTuneLearner(network, options);
        var seed = SeedMix.Mix(options.Seed, SeedStream.Episode, task.Number);
        using var reference = NetworkCatalog.Create("wrn-10-1", network.Options with { Classes = 3 });
        ModuleState.Restore(ModuleState.Of(reference).Where(pair => !reference.IsOfClassifier(pair.Key)).ToDictionary(),
            ModuleState.Of(network).Where(pair => !network.IsOfClassifier(pair.Key)).ToDictionary(), "");
        reference.ResetClassifier(SeedMix.Mix(seed, SeedStream.Classifier));
        reference.train(batchNorm == BatchNormMode.Batch);
        using var optimizer = new PlainSgd(reference.parameters(), 0.05, 0.9, 1e-3);
        for (var step = 0; step < 4; step++)
        {
            optimizer.ZeroGrad();
            nn.functional.cross_entropy(reference.call(task.Support.Images(options.Seed, step % 3)), task.Support.LabelTensor()).backward();
            optimizer.Step();
        }
        reference.eval();
        Assert.Equal(reference.call(task.Query.Images()).argmax(1).data<long>().Select(c => (int)c), learner.Solve(task));
    }

    [Fact]
    public void An_imprinted_classifier_begins_as_the_nearest_class_mean_by_angle()
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks(shot: 3);
        using var network = SmallTasks.Network();
        var task = tasks[3];
        var (support, queries) = (Distances.Unit(task.Support.Embeddings(network)), Distances.Unit(task.Query.Embeddings(network)));
        var means = stack([.. Enumerable.Range(0, 3).Select(c => support.index_select(0,
            tensor(Enumerable.Range(0, 9).Where(i => task.Support.Labels[i] == c).Select(i => (long)i).ToArray())).mean([0]))]);
        var expected = queries.matmul(Distances.Unit(means).transpose(0, 1)).argmax(1).data<long>().Select(c => (int)c);
        foreach (var parts in Enum.GetValues<TrainedParts>())
        {
            using var learner = new FineTuneLearner(network, Options(parts, 0) with { Classifier = ClassifierStart.Imprinted });
            Assert.Equal(expected, learner.Solve(task));
        }
    }

    [Fact]
    public void Bad_options_are_refused_all_at_once()
    {
        using var network = SmallTasks.Network();
        var message = Assert.Throws<InputException>(() => new FineTuneLearner(network, new FineTuneOptions
        {
            Views = -1, ImprintScale = 0, Parts = TrainedParts.Classifier, BatchNorm = BatchNormMode.Batch,
            Training = new AdaptationStage { Steps = -1, LearningRate = 0, Momentum = 1, WeightDecay = -1, Batch = 0 },
        })).Message;
        foreach (var part in new[] { "'fine-tune'", "views must be from 0", "imprint-scale", "batch-norm must be kept", "training.steps",
            "training.learning-rate", "training.momentum", "training.weight-decay", "training.batch" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
