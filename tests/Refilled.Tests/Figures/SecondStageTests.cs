using Refilled.Data;
using Refilled.Experiments;
using Refilled.Figures.SecondStage;
using Refilled.Networks;
using Refilled.Tables;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Figures;

public sealed class SecondStageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Differences_of_gradients_are_those_of_their_definition()
    {
        var plan = FigureFiles.SecondStage(folder);
        Assert.Empty(await FigureFiles.Run(folder, plan));
        var report = (SecondStageReport)FigureFiles.Report(folder, plan);
        Assert.Equal(["0 KD 2", "0 KD 4", "0 KD 8", "0 LKD 2", "0 LKD 4", "0 LKD 8",
            "1 KD 2", "1 KD 4", "1 KD 8", "1 LKD 2", "1 LKD 4", "1 LKD 8"],
            report.Points.Select(point => $"{point.Epoch} {point.Method} {point.Classes}"));
        Assert.All(report.Points, point => Assert.Equal((2, 24), (point.Batches, point.Images)));
        foreach (var classes in new[] { 2, 8 })
            Assert.Equal(Naive(plan, classes),
                report.Points.Single(point => point is { Epoch: 0, Method: "KD" } && point.Classes == classes)
                .Difference.Mean, 2e-4);
        Assert.Equal(["second-stage"], report.Pictures().Select(picture => picture.Name));
        Assert.Empty(await FigureFiles.Run(folder, plan));
    }

    /// <summary>The mean of ‖g - g_CE‖ / ‖g_CE‖ over the batches, KD's loss written out, by a backward pass.</summary>
    private double Naive(SecondStagePlan plan, int classes)
    {
        using var scope = NewDisposeScope();
        using var experiment = Experiment.Prepare(plan.Grid.Cells[0].Recipe, TestContext.Current.CancellationToken);
        using var teacher = Teacher.Open(Teacher.Find(folder["out", "runs", "teacher"]), new TeacherOptions(CPU, Precision.Fp32));
        var (student, train) = (experiment.Task.Student, experiment.Task.Train);
        student.ResetClassifier(SeedMix.Mix(5, SeedStream.Classifier, 0));
        student.train();
        var order = SeedMix.Permutation(8, 5, SeedStream.Figures);
        var columns = tensor(order.Take(classes).Select(label => (long)label).ToArray());
        var stream = new BatchStream(train.OfClasses([.. order.Take(2)]),
            new BatchStreamOptions { BatchSize = 12, OrderSeed = 5, Views = 1, Prefetch = 0 });
        var ratios = new List<double>();
        foreach (var batch in stream.Epoch(0))
            using (batch)
            {
                double[] Gradient(bool taught)
                {
                    student.zero_grad();
                    var logits = student.Observe(batch.Images, Needs.Logits).Logits.index_select(1, columns);
                    var loss = nn.functional.cross_entropy(logits, batch.Labels);
                    if (taught)
                    {
                        var target =
                            (teacher.Teach().Observe(batch.Images, Needs.Logits).Logits.index_select(1, columns) / tensor(3f)).softmax(1);
                        var learned = (logits / tensor(3f)).softmax(1);
                        // Weight 0.5, τ² = 9.
                        loss = loss.Plus((target * (target.log() - learned.log())).sum(dim: 1).mean(), 0.5 * 9);
                    }
                    loss.backward();
                    return [.. student.named_parameters().Where(own => !own.name.StartsWith("fc.", StringComparison.Ordinal))
                        .SelectMany(own => own.parameter.grad!.to(ScalarType.Float64).contiguous().data<double>().ToArray())];
                }

                double[] plain = Gradient(false), with = Gradient(true);
                static double Norm(IEnumerable<double> numbers) => Math.Sqrt(numbers.Sum(x => x * x));
                ratios.Add(Norm(with.Zip(plain, (a, b) => a - b)) / Norm(plain));
            }
        return ratios.Average();
    }

    [Fact]
    public async Task More_classes_than_there_are_are_told() =>
        Assert.Contains("classes: 9 classes are asked for, but base.classes names 8",
            (await Assert.ThrowsAsync<InputException>(() =>
                FigureFiles.Run(folder, FigureFiles.SecondStage(folder, "classes=[2,9]")))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_teacher_without_logits_and_one_of_other_classes_are_told()
    {
        using var network = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(2));
        NetworkFile.Save(folder["other.foreign"], new TrainedNetwork(network, ["a", "b"]));
        var plan = FigureFiles.SecondStage(folder, $"trained={folder["other.foreign"]}");
        Assert.Contains("reads the teacher's Logits, which the teacher", (await Assert.ThrowsAsync<InputException>(() =>
            FigureFiles.Run(folder, plan, new ForeignFormat(Needs.Embedding)))).Message, StringComparison.Ordinal);
        Assert.Contains("must be the same", (await Assert.ThrowsAsync<InputException>(() =>
            FigureFiles.Run(folder, plan, new ForeignFormat()))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classes=[4]", "must be at least two numbers")]
    [InlineData("classes=[4,2]", "each above the one before")]
    [InlineData("moments=[1.5]", "parts of the training, from 0 to 1")]
    [InlineData("methods=[{name: x, losses: {}}]", "names no loss")]
    [InlineData("methods=[{name: x, losses: {hint: 1}}]", "doesn't depend on the number of classes")]
    public void Mistakes_of_the_recipe_are_told_with_their_place(string edit, string message) =>
        Assert.Contains(message,
            Assert.ThrowsAny<InputException>(() => FigureFiles.SecondStage(folder, edit)).Message, StringComparison.Ordinal);
}
