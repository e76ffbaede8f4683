using Refilled.Data;
using Refilled.FewShot.Adaptation;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Losses;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Learners;

public class RefilledLearnerTests
{
    private static readonly RefilledOptions Options = new()
    {
        Views = 3,
        Stage1 = new AdaptationStage { Steps = 3, LearningRate = 0.05 },
        Stage2 = new AdaptationStage { Steps = 3, LearningRate = 0.05 },
    };

    private static NetworkTeacher Teacher() => new(SmallTasks.Network("resnet-8", 3), []);

    [Theory]
    [InlineData(1, AdaptedPrediction.Classifier)]
    [InlineData(2, AdaptedPrediction.NearestClassMean)]
    public void The_answer_is_a_function_of_the_task_and_nothing_is_left_behind(int shot, AdaptedPrediction prediction)
    {
        using var tasks = new SmallTasks(shot);
        using var network = SmallTasks.Network();
        using var teacher = Teacher();
        RefilledLearner Make() => new(network, teacher, Options with { Prediction = prediction });
        tasks.AgreeInAnyOrder(Make);
        using var learner = Make();
        tasks.LeaveNothing(learner);
    }

    [Fact]
    public void Answers_on_the_way_are_those_of_shorter_second_stages()
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        using var teacher = Teacher();
        using var learner = new RefilledLearner(network, teacher, Options);
        foreach (var (steps, classes) in learner.SolveAt(tasks[0], [0, 2, 3]))
        {
            using var shorter = new RefilledLearner(network, teacher, Options with { Stage2 = Options.Stage2 with { Steps = steps } });
            Assert.Equal(shorter.Solve(tasks[0]), classes);
        }
    }

    [Fact]
    public void The_teacher_sees_each_view_once_over_all_tasks()
    {
        using var tasks = new SmallTasks();
        using var network = SmallTasks.Network();
        using var teacher = Teacher();
        var counting = new CountingTeacher(teacher);
        using var learner = new RefilledLearner(network, counting, Options);
        for (var round = 0; round < 2; round++)
            for (var number = 0; number < 5; number++) learner.Solve(tasks[number]);
        var images = Enumerable.Range(0, 5).SelectMany(number => tasks[number].Support.Positions).Distinct().Count();
        Assert.Equal(4 * images, counting.Seen.Sum());
    }

    /// <summary>Both stages by loops over doubles for the losses; the network and its updates are the engine's.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Both_stages_agree_with_the_formulas(int shot)
    {
        using var scope = NewDisposeScope();
        using var tasks = new SmallTasks(shot);
        using var network = SmallTasks.Network();
        using var teacher = Teacher();
        var task = tasks[1];
        var labels = task.Support.Labels.Select(label => (long)label).ToArray();
        Tensor Seen(int view) => task.Support.Images(Options.Seed, view);
        double[][] Taught(int view) =>
            Rows.Doubles(teacher.Observe(Batch.Owning(Seen(view), tensor(labels), new long[labels.Length], new int[labels.Length]),
            Needs.Embedding).Embedding);

        using var copies = new NetworkCopies(network);
        using var own = new NetworkModel(copies, task, BatchNormMode.Kept);
        using var other = new NetworkModel(copies, task, BatchNormMode.Kept);
        using var support = new SupportBatches(task.Support, Options.Views, Options.Seed, 5, CPU);
        using var rows = new TaskTeacher(new ViewEmbeddings(teacher, Options.Seed).Of(task.Support, Options.Views), task.Support, CPU);
        var shapes = new SignalShapes(3, 64, 64);

        // Stage 1: views 0 and 1, then 2 and 0, as rows of one batch.
        using var reference = new PlainSgd(other.Parameters.Select(pair => pair.Parameter), 0.05, 0.9, 1e-3);
        var count = 0;
        foreach (var (a, b) in new[] { (0, 1), (2, 0) })
        {
            reference.ZeroGrad();
            using var batch = Batch.Owning(cat([Seen(a), Seen(b)], 0), tensor(labels.Concat(labels).ToArray()), new long[2 * labels.Length],
                new int[2 * labels.Length]);
            var embedding = other.Observe(batch, Needs.Embedding).Embedding;
            double[][] taught = [.. Taught(a), .. Taught(b)];
            // The gradient of the loops by central differences, row by row, put into the graph as a linear function.
            var point = Rows.Doubles(embedding);
            var triplets = NaiveLosses.SemiHard(point, [.. labels, .. labels], 0.2);
            count += triplets.Count;
            var slope = Slope(point, at => 500 * NaiveLosses.Triplets(at, taught, triplets, 4).Sum / Math.Max(1, triplets.Count));
            (embedding * slope).sum().backward();
            reference.Step();
        }
        Assert.True(count > 0, "the views of an image make no triplet");
        using (var first = new SupportTraining(own, support, [Options.TripletAlignment], shapes, Options.Stage1, 2, rows)) first.RunTo(2);
        Agree(own, other);

        // Stage 2, views 0 and 1; centres are means of the unit embeddings in the evaluation view, brought to unit length.
        foreach (var model in new[] { own, other }) model.StartClassifier(Options, support.Labels, 3, 11);
        using var second = new PlainSgd(other.Parameters.Select(pair => pair.Parameter), 0.05, 0.9, 1e-3);
        var plain = Taught(-1).Select(NaiveLosses.Unit).ToArray();
        double[] Centre(long c) =>
            NaiveLosses.Unit([.. Enumerable.Range(0, 64).Select(k => plain.Where((_, i) => labels[i] == c).Average(row => row[k]))]);
        for (var view = 0; view < 2; view++)
        {
            second.ZeroGrad();
            using var batch = Batch.Owning(Seen(view), tensor(labels), new long[labels.Length], new int[labels.Length]);
            var logits = other.Observe(batch, Needs.Logits).Logits;
            var taught = Taught(view).Select(NaiveLosses.Unit).ToArray();
            double Value(double[][] at)
            {
                var (sum, counted) = NaiveLosses.LocalClassifier(taught, at, labels, (_, c) => Centre(c), false, null, 0.3, 2);
                return sum / counted + at.Select((f, i) => Math.Log(f.Sum(Math.Exp)) - f[labels[i]]).Average();
            }
            (logits * Slope(Rows.Doubles(logits), Value)).sum().backward();
            second.Step();
        }
        using (var training = new SupportTraining(own, support, [new CrossEntropy(), Options.LocalClassifier], shapes,
            Options.Stage2, teacher: rows))
            training.RunTo(2);
        Agree(own, other);
    }

    [Fact]
    public void One_shot_in_one_view_has_no_triplet_and_leaves_the_student_as_it_is()
    {
        using var tasks = new SmallTasks(1);
        using var network = SmallTasks.Network();
        using var teacher = Teacher();
        int[] Solve(RefilledOptions options)
        {
            using var learner = new RefilledLearner(network, teacher, options with { Classifier = ClassifierStart.Imprinted });
            return learner.Solve(tasks[2]);
        }
        var without = Solve(Options with { Stage1 = Options.Stage1 with { Steps = 0 } });
        Assert.Equal(without, Solve(Options with { ViewsPerImage = 1, Stage1 = Options.Stage1 with { Steps = 20, LearningRate = 0.5 } }));
    }

    [Fact]
    public void What_cannot_be_used_is_refused()
    {
        using var network = SmallTasks.Network();
        Assert.Contains("gives only its Logits", Assert.Throws<InputException>(
            () => new RefilledLearner(network, new StoredTeacher(zeros(1, 2), Needs.Logits))).Message, StringComparison.Ordinal);
        var message = Assert.Throws<InputException>(() => new RefilledLearner(network, new StoredTeacher(zeros(1, 2)), new RefilledOptions
        {
            ViewsPerImage = 9,
            Stage1 = new AdaptationStage { Steps = -1 },
            Stage2 = new AdaptationStage { Batch = 0 },
            TripletAlignment = new TripletAlignment { Temperature = 0 },
            LocalClassifier = new LocalClassifier { TeacherTemperature = 0 },
        })).Message;
        foreach (var part in new[] { "views-per-image must be at most the number of views (8), not 9", "stage1.steps", "stage2.batch",
            "triplet-alignment.temperature", "local-classifier.teacher-temperature" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private static void Agree(NetworkModel own, NetworkModel other)
    {
        foreach (var ((name, found), (_, expected)) in own.Parameters.Zip(other.Parameters))
            Assert.True((found - expected).abs().max().Number() <= 1e-4 * Math.Max(1e-2, expected.abs().max().Number()), name);
    }

    private static Tensor Slope(double[][] at, Func<double[][], double> value)
    {
        var slope = new float[at.Length, at[0].Length];
        for (var i = 0; i < at.Length; i++)
            for (var k = 0; k < at[0].Length; k++)
            {
                var (kept, step) = (at[i][k], 1e-5);
                at[i][k] = kept + step;
                var above = value(at);
                at[i][k] = kept - step;
                var below = value(at);
                at[i][k] = kept;
                slope[i, k] = (float)((above - below) / (2 * step));
            }
        return tensor(slope);
    }
}
