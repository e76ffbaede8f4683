using System.Globalization;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>What keeping the built-in teacher's embeddings in fp16 costs (docs/performance.md, "Teachers from outside").</summary>
public class KeptEmbeddingsTests(ITestOutputHelper output)
{
    /// <summary>128 photos of 50 classes, and a student whose embedding is like the teacher's: a noisy projection of it.</summary>
    [Fact]
    public void In_fp16_they_and_what_losses_make_of_them_are_off_by_less_than_a_thousandth()
    {
        using var scope = NewDisposeScope();
        var all = DataCatalog.Load("cifar100:" + Repository.Shared("data", "cifar-100-binary.tar.gz")).Test;
        var set = all.At([.. Enumerable.Range(0, all.Count).Where(i => all.Labels[i] >= 50).Take(128)]);
        ITeacherFormat[] formats = [new ImageNetTeacherFormat()];
        using var opened = Teacher.Open(
            Teacher.Find(ImageNetTeacherFormat.Name, formats: formats), new TeacherOptions(CPU, Precision.Fp32), formats);
        CachedTeacher Kept(CachePrecision precision) => new(opened.Teach(), set,
            new CacheOptions { DataHash = "cifar", Precision = precision, LeavesTeacher = true });
        using var whole = Kept(CachePrecision.Fp32);
        using var half = Kept(CachePrecision.Fp16);
        using var batch = new BatchStream(set, new BatchStreamOptions { Views = 1 }).Epoch(0).Single();
        var (exact, rounded) = (whole.Observe(batch, Needs.Embedding).Embedding, half.Observe(batch, Needs.Embedding).Embedding);
        Off("an image's embedding, mean", Length(rounded - exact, 1).div(Length(exact, 1)).mean());
        Off("an image's embedding, most", Length(rounded - exact, 1).div(Length(exact, 1)).max());
        static Tensor Distances(Tensor rows) => Length(rows.unsqueeze(1) - rows.unsqueeze(0), 2);
        Off("a distance of two images, most",
            (Distances(rounded) - Distances(exact)).abs().max().div(Distances(exact).mean()));

        var generator = new Generator(1);
        var projected = (exact - exact.mean([0])).matmul(randn(exact.shape[1], 64, generator: generator));
        var student = projected.Plus(randn(128, 64, generator: generator) * projected.std(dim: 0, unbiased: false)).detach();
        var logits = randn(128, 100, generator: generator);
        var options = new LossOptions();
        foreach (var loss in new LossSpec[] { options.TripletAlignment, options.TupleAlignment, options.LocalClassifier,
            options.LocalClassifier with { Normalise = Normalisation.MeanSquare }, options.EmbeddingRegression,
            options.RelationalKnowledge })
        {
            var (value, gradient) = Asked(whole);
            var (other, otherGradient) = Asked(half);
            Off($"{loss.Name}, value", (other - value).abs().div(value.abs()));
            Off($"{loss.Name}, gradient", Length(otherGradient - gradient, 0).div(Length(gradient, 0)));

            (Tensor Value, Tensor Gradient) Asked(ITeacher teacher)
            {
                using var objectives = new Objectives([loss], new SignalShapes(100, 64, teacher.EmbeddingSize), CPU);
                objectives.Prepare(teacher, BatchStream.Evaluation(set));
                var (embedding, classified) = (student.clone().requires_grad_(), logits.clone().requires_grad_());
                var (total, items) = objectives.Compute(new Signals(embedding, classified), objectives.Ask(teacher, batch), batch,
                    new TrainClock(0, 0, 1, 1));
                Assert.True(items.Number() > 0);
                total.backward();
                return (total.detach(), cat([.. new[] { embedding.grad, classified.grad }.OfType<Tensor>().Select(one => one.flatten())]));
            }
        }

        void Off(string what, Tensor relative)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {relative.Number():0.0e+0}"));
            Assert.InRange(relative.Number(), 0, 1e-3);
        }

        static Tensor Length(Tensor numbers, int dimension) => (numbers * numbers).sum(dim: dimension).sqrt();
    }
}
