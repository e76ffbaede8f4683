using Refilled.Losses.Alignment;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses.Alignment;

public class AlignmentTests
{
    public static TheoryData<string, int, int, double, double> Cases() => new()
    {
        { "triplets", 12, 3, 4, 0.2 },
        { "triplets", 25, 4, 1, 0.5 },
        { "tuples", 12, 3, 4, 0.2 },
        { "tuples", 25, 4, 1, 0.5 },
        { "truncated", 25, 4, 2, 0.3 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_loops_in_value_and_gradient(string form, int size, int classes, double temperature, double margin)
    {
        using var scope = NewDisposeScope();
        var student = Rows.Random(size, 6, 1).requires_grad_();
        var teacher = Rows.Random(size, 9, 2);
        var labels = Enumerable.Range(0, size).Select(i => (long)(i * i % classes)).ToArray();
        AlignmentLoss loss = form == "triplets"
            ? new TripletAlignment { Temperature = temperature, Margin = margin }
            : new TupleAlignment { Temperature = temperature, Margin = margin, Truncate = form == "truncated" };
        using var batch = Rows.Batch(labels);

        // Mined once: the set of triplets is no part of the gradient.
        var mined = NaiveLosses.SemiHard(Rows.Doubles(student), labels, margin);
        Assert.NotEmpty(mined);
        (double Sum, int Count) Naive(Tensor rows) => form == "triplets"
            ? NaiveLosses.Triplets(Rows.Doubles(rows), Rows.Doubles(teacher), mined, temperature)
            : NaiveLosses.Tuples(Rows.Doubles(rows), Rows.Doubles(teacher), mined, temperature, form == "truncated");

        var term = loss.Compute(new Signals(student), new Signals(teacher), batch, default);
        var (sum, count) = Naive(student);
        Assert.Equal(count, term.Count.Number());
        Assert.Equal(sum, term.Sum.Number(), 1e-6 * sum);
        term.Sum.backward();
        Rows.GradientAgrees(student, student.grad!, rows => Naive(rows).Sum);
    }

    /// <summary>The engine's operations, which other devices use, and the loops of the processor give the same.</summary>
    [Theory]
    [InlineData(40, 7, 4, 0.2)]
    [InlineData(67, 5, 0.05, 0.5)]
    [InlineData(170, 34, 1, 0.3)]
    public void Both_ways_to_compute_agree(int size, int classes, double temperature, double margin)
    {
        var labels = Enumerable.Range(0, size).Select(i => (long)(i * 3 % classes)).ToArray();
        AlignmentLoss[] losses = [new TripletAlignment(), new TupleAlignment(), new TupleAlignment { Truncate = true }];
        foreach (var loss in losses)
        {
            using var scope = NewDisposeScope();
            var set = loss with { Temperature = temperature, Margin = margin };
            var (student, teacher) = (Distances.OfUnitRows(Rows.Random(size, 4, 1)), Distances.OfUnitRows(Rows.Random(size, 5, 2)));
            var loops = AnchorLoops.Run(set, student, teacher, tensor(labels));
            var chunks = set.Chunks(student, teacher, tensor(labels));
            Assert.True(loops.Count.Number() > 0);
            Assert.Equal(chunks.Count.Number(), loops.Count.Number());
            Assert.Equal(chunks.Sum.Number(), loops.Sum.Number(), 1e-10 * chunks.Sum.Number());
            Assert.InRange((chunks.Gradient - loops.Gradient).abs().max().Number(), 0, 1e-10 * chunks.Gradient.abs().max().Number());
        }
    }

    [Fact]
    public void A_student_that_is_no_number_makes_the_loss_no_number()
    {
        using var scope = NewDisposeScope();
        using var batch = Rows.Batch(0, 0, 1, 1);
        var term = new TripletAlignment().Compute(
            new Signals(Numbers.Full([4, 3], double.NaN, ScalarType.Float32, CPU)),
            new Signals(Rows.Random(4, 3, 1)),
            batch,
            default);
        Assert.True(double.IsNaN(term.Sum.Number()));
    }

    [Fact]
    public void Extreme_distances_stay_finite()
    {
        // At τ = 1e-4 logits reach ±20000: e to that power is no number, and its logarithm must not be asked for.
        using var scope = NewDisposeScope();
        var labels = tensor(Enumerable.Range(0, 20).Select(i => (long)(i % 3)).ToArray());
        var (student, teacher) = (Distances.OfUnitRows(Rows.Random(20, 4, 1)), Distances.OfUnitRows(Rows.Random(20, 5, 2)));
        AlignmentLoss[] losses = [new TripletAlignment { Temperature = 1e-4 }, new TupleAlignment { Temperature = 1e-4 }];
        foreach (var loss in losses)
        {
            var (sum, _, gradient) = AnchorLoops.Run(loss, student, teacher, labels);
            var chunks = loss.Chunks(student, teacher, labels);
            Assert.True(double.IsFinite(sum.Number()));
            Assert.Equal(chunks.Sum.Number(), sum.Number(), 1e-9 * sum.Number());
            Assert.True(gradient.isfinite().all().item<bool>());
        }
    }

    public static TheoryData<string, float[][], long[]> Edges() => new()
    {
        { "one image", [[1, 2]], [0] },
        { "one class", [[1, 2], [2, 1], [3, 3]], [1, 1, 1] },
        { "all singletons", [[1, 2], [2, 1], [3, -3]], [0, 1, 2] },
        { "duplicates", [[1, 2], [1, 2], [1, 2], [1, 2]], [0, 0, 1, 1] },
        { "a zero row", [[0, 0], [1, 0], [0.9f, 0.3f], [0.9f, 0.4f]], [0, 0, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public void Edges_have_finite_values_and_gradients(string what, float[][] rows, long[] labels)
    {
        AlignmentLoss[] losses = [new TripletAlignment(), new TupleAlignment(), new TupleAlignment { Truncate = true }];
        foreach (var loss in losses)
        {
            using var scope = NewDisposeScope();
            var student = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, 2]).requires_grad_();
            using var batch = Rows.Batch(labels);
            var mean = loss.Compute(new Signals(student), new Signals(student.detach()), batch, default).Mean();
            mean.backward();
            Assert.True(double.IsFinite(mean.Number()), what);
            Assert.NotNull(student.grad);
            Assert.True(student.grad.isfinite().all().item<bool>(), what);
        }
    }

    [Fact]
    public void A_dead_row_has_an_ordinary_gradient()
    {
        // Divided by 1e-12, as a usual normalisation does, its gradient would be about 1e12 times the others'.
        using var scope = NewDisposeScope();
        var student = tensor(new float[,] { { 0, 0 }, { 1, 0 }, { 0.9f, 0.3f }, { 0.9f, 0.4f } }).requires_grad_();
        using var batch = Rows.Batch(1, 0, 0, 1);
        var term = new TripletAlignment { Margin = 1 }.Compute(new Signals(student), new Signals(Rows.Random(4, 3, 1)), batch, default);
        Assert.True(term.Count.Number() > 0);
        term.Mean().backward();
        Assert.InRange(student.grad!.abs().max().Number(), 1e-9, 1);
    }

    [Fact]
    public void Half_precision_embeddings_are_compared_in_double()
    {
        using var scope = NewDisposeScope();
        var rows = Rows.Random(12, 6, 1).to(ScalarType.BFloat16);
        var labels = Enumerable.Range(0, 12).Select(i => (long)(i % 3)).ToArray();
        using var batch = Rows.Batch(labels);
        var teacher = Rows.Random(12, 5, 2);
        var half = new TripletAlignment().Compute(new Signals(rows), new Signals(teacher), batch, default);
        var full = new TripletAlignment().Compute(new Signals(rows.to(ScalarType.Float32)), new Signals(teacher), batch, default);
        Assert.Equal(ScalarType.Float64, half.Sum.dtype);
        Assert.Equal((full.Sum.Number(), full.Count.Number()), (half.Sum.Number(), half.Count.Number()));
    }

    [Fact]
    public void Extreme_probabilities_stay_finite()
    {
        // σ(±2000) rounds to 0 and 1 even in double: only log-space divergences survive.
        using var scope = NewDisposeScope();
        var (student, teacher) = (tensor(new double[] { 2000, -2000, 2000 }).requires_grad_(), tensor(new double[] { -2000, 2000, 2000 }));
        var divergences = TripletAlignment.Bernoulli(student, teacher);
        Assert.Equal([2000, 2000, 0], divergences.data<double>().ToArray());
        divergences.sum().backward();
        Assert.Equal([1, -1, 0], student.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Neither_the_teacher_nor_the_choice_of_triplets_has_a_gradient()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows.Random(12, 6, 1).requires_grad_(), Rows.Random(12, 6, 2).requires_grad_());
        using var batch = Rows.Batch([.. Enumerable.Range(0, 12).Select(i => (long)(i % 3))]);
        var triplets = new SemiHardMiner().Mine(Distances.OfUnitRows(student), batch.Labels);
        Assert.False(triplets.requires_grad);
        new TupleAlignment().Compute(new Signals(student), new Signals(teacher), batch, default).Sum.backward();
        Assert.NotNull(student.grad);
        Assert.Null(teacher.grad);
    }

    [Fact]
    public void Without_triplets_sum_count_and_gradient_are_zero()
    {
        foreach (AlignmentLoss loss in new AlignmentLoss[] { new TripletAlignment(), new TupleAlignment() })
        {
            using var scope = NewDisposeScope();
            var student = Rows.Random(6, 4, 3).requires_grad_();
            using var batch = Rows.Batch(0, 1, 2, 3, 4, 5);
            var term = loss.Compute(new Signals(student), new Signals(Rows.Random(6, 5, 4)), batch, default);
            term.Mean().backward();
            Assert.Equal((0, 0), (term.Sum.Number(), term.Count.Number()));
            Assert.Equal(0, student.grad!.abs().max().Number());
        }
    }

    [Fact]
    public void Mining_in_chunks_finds_the_same_triplets()
    {
        using var scope = NewDisposeScope();
        // 300³ elements need more than one chunk.
        const int size = 300;
        var rows = Rows.Random(size, 3, 5);
        var labels = Enumerable.Range(0, size).Select(i => (long)(i % 60)).ToArray();
        var distances = Distances.OfUnitRows(rows);
        var whole = new SemiHardMiner(0.01).Mine(distances, tensor(labels));
        var expected = NaiveLosses.SemiHard(Rows.Doubles(rows), labels, 0.01).SelectMany(t => new long[] { t.A, t.P, t.N }).ToArray();
        Assert.Equal(expected, whole.data<long>().ToArray());
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Equal(["weight", "decay", "temperature", "margin"],
            new TripletAlignment { Weight = -1, Decay = double.NaN, Temperature = 0, Margin = -1 }.Validate()
                .Select(problem => problem.Option));
        Assert.Empty(new TupleAlignment().Validate());
    }

    [Fact]
    public void Weights_multiply_and_decay()
    {
        var loss = 3 * (2 * new TripletAlignment { Decay = 0.05 });
        Assert.Equal(6, loss.WeightAt(default));
        Assert.Equal(6 * Math.Exp(-0.5), loss.WeightAt(new(10, 0, 1, 20)), 1e-12);
    }
}
