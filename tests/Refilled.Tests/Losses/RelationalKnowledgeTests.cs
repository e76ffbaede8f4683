using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

public class RelationalKnowledgeTests
{
    [Theory]
    [InlineData(6, 25, 50)]
    [InlineData(9, 1, 0)]
    [InlineData(9, 0, 2)]
    [InlineData(30, 25, 50)] // above the rows from which the engine's faster, less exact distances would be taken
    public void Agrees_with_loops_in_value_and_gradient(int size, double distance, double angle)
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows.Random(size, 4, 1).requires_grad_(), Rows.Random(size, 7, 2));
        double Naive(Tensor rows) => size * NaiveLosses.Relations(Rows.Doubles(rows), Rows.Doubles(teacher), distance, angle);
        var term = Compute(new RelationalKnowledge { DistanceWeight = distance, AngleWeight = angle }, student, teacher);
        Assert.Equal(size, term.Count.Number());
        Assert.Equal(Naive(student), term.Sum.Number(), 1e-5 * Naive(student));
        term.Sum.backward();
        Rows.GradientAgrees(student, student.grad!, Naive);
    }

    public static TheoryData<string, float[][]> Edges() => new()
    {
        { "no image", [] },
        { "one image", [[1, 2]] },
        { "two images", [[1, 2], [3, 1]] },
        { "zero rows", [[0, 0], [0, 0], [1, 0]] },
        { "duplicates", [[1, 2], [1, 2], [3, 1], [3, 1]] },
        { "all the same", [[1, 2], [1, 2], [1, 2]] },
        { "nearly the same", [[1, 2], [1, 2.0000002f], [3, 1]] },
        { "far apart", [[1e10f, 0], [-1e10f, 0], [0, 1e-10f]] },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public void Edges_have_finite_values_and_ordinary_gradients(string what, float[][] rows)
    {
        using var scope = NewDisposeScope();
        var student = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, 2]).requires_grad_();
        var term = Compute(new RelationalKnowledge(), student, Rows.Random(rows.Length, 3, 1));
        term.Mean().backward();
        Assert.True(double.IsFinite(term.Mean().Number()), what);
        Assert.NotNull(student.grad);
        Assert.True(student.grad.isfinite().all().item<bool>(), what);
        if (rows.Length < 2) Assert.Equal((0, 0), (term.Sum.Number(), student.grad.abs().sum().Number()));
        // Divided by a floor, as is usual, rows that coincide would have gradients of 1e10.
        if (what is "duplicates" or "zero rows") Assert.InRange(student.grad.abs().max().Number(), 1e-6, 1e3);
        if (what == "all the same") Assert.Equal(0, student.grad.abs().max().Number());
    }

    [Fact]
    public void Blind_to_scale_turn_and_place()
    {
        using var scope = NewDisposeScope();
        var rows = Rows.Random(10, 2, 1);
        var turned = rows.matmul(tensor(new float[,] { { 0.6f, 0.8f }, { -0.8f, 0.6f } })).Times(7).Plus(3);
        Assert.InRange(Compute(new RelationalKnowledge(), rows, turned).Mean().Number(), 0, 1e-9);
        Assert.InRange(Compute(new RelationalKnowledge(), rows, Rows.Random(10, 2, 2)).Mean().Number(), 1, 100);
    }

    [Fact]
    public void Half_precision_is_computed_in_float_and_the_teacher_has_no_gradient()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows.Random(5, 4, 1).to(ScalarType.BFloat16).requires_grad_(), Rows.Random(5, 4, 2).requires_grad_());
        var term = Compute(new RelationalKnowledge(), student, teacher);
        Assert.Equal(ScalarType.Float32, term.Sum.dtype);
        term.Sum.backward();
        Assert.Null(teacher.grad);
        using var inner = NewDisposeScope();
        Compute(new RelationalKnowledge(), student, teacher);
        Assert.Equal(2, inner.DisposablesCount);
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Equal(["distance-weight", "angle-weight"],
            new RelationalKnowledge { DistanceWeight = -1, AngleWeight = double.NaN }.Validate().Select(problem => problem.Option));
        Assert.Empty(new RelationalKnowledge().Validate());
    }

    [Fact]
    public void Without_weights_nothing_is_left_but_a_graph()
    {
        using var scope = NewDisposeScope();
        var student = Rows.Random(5, 4, 1).requires_grad_();
        Compute(new RelationalKnowledge { DistanceWeight = 0, AngleWeight = 0 }, student, Rows.Random(5, 4, 2)).Sum.backward();
        Assert.Equal(0, student.grad!.abs().max().Number());
    }

    private static LossTerm Compute(RelationalKnowledge loss, Tensor student, Tensor teacher)
    {
        using var batch = Rows.Batch(0);
        return loss.Compute(new Signals(student), new Signals(teacher), batch, default);
    }
}
