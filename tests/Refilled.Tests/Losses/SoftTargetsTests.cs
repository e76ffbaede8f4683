using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

public class SoftTargetsTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(0.5)]
    public void Agrees_with_loops_in_value_and_gradient(double temperature)
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows.Random(7, 5, 1, 3).requires_grad_(), Rows.Random(7, 5, 2, 3));
        double Naive(Tensor rows) => NaiveLosses.SoftTargets(Rows.Doubles(rows), Rows.Doubles(teacher), temperature);
        var term = Compute(new SoftTargets { Temperature = temperature }, student, teacher);
        Assert.Equal(7, term.Count.Number());
        Assert.Equal(Naive(student), term.Sum.Number(), 1e-9);
        term.Sum.backward();
        Rows.GradientAgrees(student, student.grad!, Naive);
    }

    [Fact]
    public void Extreme_logits_have_finite_values_and_gradients()
    {
        using var scope = NewDisposeScope();
        var student = tensor(new float[,] { { 3e4f, -3e4f, 0 }, { 0, 0, 0 }, { -1e30f, 1e30f, 0 } }).requires_grad_();
        var teacher = tensor(new float[,] { { -3e4f, 3e4f, 0 }, { 1e4f, -1e4f, 0 }, { -1e30f, 1e30f, 0 } });
        var term = Compute(new SoftTargets { Temperature = 1 }, student, teacher);
        term.Sum.backward();
        Assert.Equal(6e4 + Math.Log(3), term.Sum.Number(), 1e-6);
        Assert.True(student.grad!.isfinite().all().item<bool>());
        Assert.Equal([1, -1, 0], student.grad![0].data<float>().ToArray());
    }

    [Fact]
    public void Nothing_and_equal_logits_give_zero()
    {
        using var scope = NewDisposeScope();
        foreach (var rows in new[] { Rows.Random(0, 5, 1), Rows.Random(1, 5, 1), Rows.Random(6, 5, 1, 100) })
        {
            var student = rows.clone().requires_grad_();
            var term = Compute(new SoftTargets(), student, rows);
            term.Mean().backward();
            Assert.Equal((0, rows.shape[0]), (term.Sum.Number(), term.Count.Number()));
            Assert.InRange(student.grad!.abs().sum().Number(), 0, 1e-12);
        }
    }

    [Fact]
    public void Half_precision_is_computed_in_double_and_the_teacher_has_no_gradient()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows.Random(4, 5, 1).to(ScalarType.BFloat16).requires_grad_(), Rows.Random(4, 5, 2).requires_grad_());
        var term = Compute(new SoftTargets(), student, teacher);
        Assert.Equal(ScalarType.Float64, term.Sum.dtype);
        term.Sum.backward();
        Assert.Null(teacher.grad);
        Assert.Equal(["temperature"], new SoftTargets { Temperature = 0 }.Validate().Select(problem => problem.Option));
    }

    private static LossTerm Compute(SoftTargets loss, Tensor student, Tensor teacher)
    {
        using var batch = Rows.Batch(0);
        return loss.Compute(new Signals(logits: student), new Signals(logits: teacher), batch, default);
    }
}
