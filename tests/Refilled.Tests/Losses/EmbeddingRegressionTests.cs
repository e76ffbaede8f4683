using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses;

public class EmbeddingRegressionTests
{
    private const int Images = 9, Student = 5, Teacher = 7;

    [Fact]
    public void Agrees_with_loops_in_value_and_gradient()
    {
        using var scope = NewDisposeScope();
        var (train, taught) = (Rows.Random(40, Teacher, 3).Plus(2), Rows.Random(Images, Teacher, 1).Plus(2));
        var learned = Rows.Random(Images, Student, 2, 2).requires_grad_();
        using var objective = Prepared(new EmbeddingRegression(), train);
        var weight = Rows.Doubles(objective.get_parameter("projector.weight")!);
        var bias = Rows.Doubles(objective.get_parameter("projector.bias")!.unsqueeze(0))[0];
        var (seen, answers) = (Rows.Doubles(train), Rows.Doubles(taught));
        double[] mean = [.. Enumerable.Range(0, Teacher).Select(k => seen.Average(row => row[k]))];
        double Naive(Tensor rows) => Rows.Doubles(rows).Zip(answers, (s, t) =>
        {
            var p = NaiveLosses.Unit([.. weight.Zip(bias, (row, b) => row.Zip(s, (w, x) => w * x).Sum() + b)]);
            var u = NaiveLosses.Unit([.. t.Zip(mean, (x, m) => x - m)]);
            return 1 - p.Zip(u, (x, y) => x * y).Sum();
        }).Sum();

        using var batch = Rows.Batch(new long[Images]);
        var term = objective.Compute(new Signals(learned), new Signals(taught), batch, default);
        Assert.Equal(Images, term.Count.Number());
        Assert.Equal(Naive(learned), term.Sum.Number(), 1e-5 * Images);
        term.Sum.backward();
        Rows.GradientAgrees(learned, learned.grad!, Naive);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(12)]
    public void Answers_that_are_the_mean_and_dead_embeddings_have_finite_gradients(int? hidden)
    {
        using var scope = NewDisposeScope();
        var constant = ones(Images, Teacher);
        using var objective = Prepared(new EmbeddingRegression { Hidden = hidden }, constant);
        var learned = zeros(Images, Student).requires_grad_();
        using var batch = Rows.Batch(new long[Images]);
        var mean = objective.Compute(new Signals(learned), new Signals(constant), batch, default).Mean();
        mean.backward();
        Assert.Equal(1, mean.Number(), 1e-6);
        Assert.All(objective.parameters().Append(learned), one => Assert.True(one.grad is null || one.grad.isfinite().all().item<bool>()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(12)]
    public void A_projector_learns_what_can_be_read_off(int? hidden)
    {
        using var scope = NewDisposeScope();
        var learned = Rows.Random(64, Student, 5);
        var taught = learned.matmul(Rows.Random(Student, Teacher, 6)).Plus(3);
        using var objective = Prepared(new EmbeddingRegression { Hidden = hidden }, taught);
        using var batch = Rows.Batch(new long[64]);
        var parameters = objective.parameters().ToList();
        double Step()
        {
            using var step = NewDisposeScope();
            foreach (var one in parameters) one.grad?.zero_();
            var mean = objective.Compute(new Signals(learned), new Signals(taught), batch, default).Mean();
            mean.backward();
            using var _ = no_grad();
            foreach (var one in parameters) one.Increase(one.grad!, -0.5);
            return mean.Number();
        }
        var first = Step();
        for (var i = 0; i < 200; i++) Step();
        Assert.True(Step() < 0.05 * first, $"{Step()} of {first}");
    }

    [Fact]
    public void Unprepared_it_has_no_number()
    {
        using var scope = NewDisposeScope();
        using var objective = new EmbeddingRegression().Bind(new SignalShapes(2, Student, Teacher));
        using var batch = Rows.Batch(0, 1);
        Assert.True(double.IsNaN(objective.Compute(
            new Signals(ones(2, Student)), new Signals(ones(2, Teacher)), batch, default).Mean().Number()));
    }

    private static Objective Prepared(EmbeddingRegression loss, Tensor train)
    {
        var objective = loss.Bind(new SignalShapes(2, Student, (int)train.shape[1]), 4);
        objective.Prepare(new StoredTeacher(train), new LabelledRows(zeros([train.shape[0]], ScalarType.Int64)));
        return objective;
    }
}
