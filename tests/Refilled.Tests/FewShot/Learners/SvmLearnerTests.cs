using Refilled.Data.Episodes;
using Refilled.FewShot;
using Refilled.FewShot.Learners;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Learners;

public class SvmLearnerTests
{
    [Theory]
    [InlineData(6, 0.1)]
    [InlineData(25, 1)]
    [InlineData(25, 100)]
    [InlineData(40, 10)]
    public void The_solver_is_at_the_minimum(int count, double c)
    {
        using var scope = NewDisposeScope();
        const int size = 7;
        var rows = Rows.Doubles(Rows.Random(count, size, 1));
        double[] signs = [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 ? 1.0 : -1)];
        double[] products = [.. rows.SelectMany(a => rows.Select(b => Dot(a, b)))];
        var beta = SquaredHinge.Solve(products, signs, c, 1e-9, 100_000);
        double[] weights = [.. Enumerable.Range(0, size).Select(at => rows.Zip(beta, (row, factor) => factor * row[at]).Sum())];
        // The gradient of |w|²/2 + C·Σ max(0, 1 - y·w·x)², by plain loops.
        for (var at = 0; at < size; at++)
        {
            var gradient = weights[at];
            for (var i = 0; i < count; i++) gradient -= 2 * c * Math.Max(0, 1 - signs[i] * Dot(weights, rows[i])) * signs[i] * rows[i][at];
            Assert.InRange(Math.Abs(gradient), 0, 1e-6 * Math.Max(1, c));
        }
        Assert.All(beta.Zip(signs), pair => Assert.True(pair.First * pair.Second >= 0));
    }

    [Fact]
    public void Two_points_have_the_margin_that_the_formula_says()
    {
        // x = (±1, 0), y = ±1: w = (w, 0) minimises w²/2 + 2C(1 - w)², so w = 4C / (1 + 4C).
        var beta = SquaredHinge.Solve([1, -1, -1, 1], [1, -1], 3, 1e-12, 1000);
        Assert.Equal(12.0 / 13, beta[0] - beta[1], 1e-9);
    }

    [Fact]
    public void Numbers_that_are_none_end_the_search() =>
        Assert.Equal(2, SquaredHinge.Solve([double.NaN, 0, 0, double.NaN], [1, -1], 1, 1e-9, int.MaxValue).Length);

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(5, 10)]
    public void Classes_come_from_the_largest_score_of_one_against_the_rest(int shot, double c)
    {
        using var scope = NewDisposeScope();
        const int way = 4, size = 9;
        var centres = Rows.Random(way, size, 1);
        var support = centres.repeat(shot, 1).Plus(Rows.Random(shot * way, size, 2, 0.7));
        var queries = centres.repeat(30, 1).Plus(Rows.Random(30 * way, size, 3, 0.7));
        var labels = Numbers.Range(0, way).repeat(shot);
        var classes = new SvmLearner(new PixelNetwork(1)) { C = c }.Classify(support, labels, queries, way).data<long>().ToArray();

        double[][] Unit(Tensor rows) =>
            [.. Rows.Doubles(rows).Select(row => row.Select(x => x / Math.Sqrt(Dot(row, row))).Append(1).ToArray())];
        var (x, q) = (Unit(support), Unit(queries));
        // By plain gradient descent on the primal, run out.
        var machines = Enumerable.Range(0, way).Select(k =>
        {
            var w = new double[size + 1];
            for (var step = 0; step < 4000; step++)
            {
                var gradient = w.ToArray();
                for (var i = 0; i < x.Length; i++)
                {
                    var y = i % way == k ? 1 : -1;
                    var slope = -2 * c * y * Math.Max(0, 1 - y * Dot(w, x[i]));
                    for (var at = 0; at < w.Length; at++) gradient[at] += slope * x[i][at];
                }
                for (var at = 0; at < w.Length; at++) w[at] -= gradient[at] / (1 + 4 * c * x.Length);
            }
            return w;
        }).ToList();
        var right = 0;
        for (var i = 0; i < q.Length; i++)
        {
            var scores = machines.Select(w => Dot(w, q[i])).ToList();
            var second = scores.Order().ElementAt(way - 2);
            if (scores.Max() - second > 0.01) Assert.Equal(scores.IndexOf(scores.Max()), classes[i]);
            if (classes[i] == i % way) right++;
        }
        Assert.InRange(right, q.Length / 2, q.Length);
        // A network's scale means nothing.
        Assert.Equal(classes, new SvmLearner(new PixelNetwork(1)) { C = c }.Classify(support.Times(100), labels, queries.Times(100),
            way).data<long>().ToArray());
    }

    [Fact]
    public void C_is_the_best_on_validation_tasks()
    {
        using var network = new PixelNetwork(48);
        using var source = new FewShotSource(MadeUpImages.Clusters(8, 30));
        var tasks = new FewShotTasks(source, new EpisodeShape { Way = 4, Shot = 3, Query = 5 }, 1, 40);
        double[] candidates = [100, 1e-3, 1];
        var accuracies = candidates.ToDictionary(c => c, c => FewShotEvaluator.Evaluate(new SvmLearner(network) { C = c }, tasks).Mean);
        var chosen = SvmLearner.ChooseC(network, tasks, candidates);
        Assert.Equal(candidates.Where(c => accuracies[c] == accuracies.Values.Max()).Min(), chosen);
        Assert.Equal(2e-7, SvmLearner.ChooseC(network, tasks, [3e-7, 2e-7])); // as good as each other
        Assert.Contains("not -1", Assert.Throws<InputException>(() => SvmLearner.ChooseC(network, tasks, [1, -1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("at least one", Assert.Throws<InputException>(() => SvmLearner.ChooseC(network, tasks, [])).Message,
            StringComparison.Ordinal);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => SvmLearner.ChooseC(network, tasks, cancel: cancel.Token));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
