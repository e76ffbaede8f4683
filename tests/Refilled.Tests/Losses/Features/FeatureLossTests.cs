using Refilled.Losses;
using Refilled.Losses.Features;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Losses.Features;

public class FeatureLossTests
{
    private static readonly long[][][] Sizes =
    [
        [[3, 4, 5, 5], [3, 6, 5, 5]],
        [[3, 4, 8, 6], [3, 6, 3, 6]], // each direction by itself, pooled unevenly
        [[2, 5, 2, 3], [2, 3, 7, 2]], // one direction pools the student, the other the teacher
        [[2, 7, 1, 1], [2, 9, 2, 2]], // fewer pixels than channels
    ];

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, Sizes.Length)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Attention_agrees_with_loops(int size)
    {
        foreach (var power in new[] { 2, 1, 3.5 })
            Agrees(new AttentionTransfer { Power = power }, size, (s, t, _) => NaiveFeatureLosses.Attention(s, t, power));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Selectivity_agrees_with_loops(int size) =>
        Agrees(new NeuronSelectivity(), size, (s, t, _) => NaiveFeatureLosses.Selectivity(s, t));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hints_agree_with_loops(int size) => Agrees(new Hint(), size, (s, t, weights) =>
        NaiveFeatureLosses.Hint(s, t, Matrix(weights, "regressor.weight"), Row(weights, "regressor.bias")));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Information_agrees_with_loops(int size)
    {
        foreach (var hidden in new int?[] { null, 3 })
            Agrees(new VariationalInformation { Hidden = hidden, InitialVariance = 0.7, LeastVariance = 0.01 }, size,
                (s, t, weights) => NaiveFeatureLosses.Information(s, t,
                Matrix(weights, "predictors.0.conv1.weight"),
                Matrix(weights, "predictors.0.conv2.weight"),
                Matrix(weights, "predictors.0.conv3.weight"),
                Row(weights, "predictors.0.scale"), 0.01));
    }

    [Fact]
    public void Groups_are_summed_and_the_hint_is_the_middle_one()
    {
        using var scope = NewDisposeScope();
        Tensor[] student = [Maps.Random(1, 3, 4, 6, 6), Maps.Random(2, 3, 6, 4, 4), Maps.Random(3, 3, 8, 2, 2)];
        Tensor[] teacher = [Maps.Random(4, 3, 5, 6, 6), Maps.Random(5, 3, 7, 4, 4), Maps.Random(6, 3, 9, 2, 2)];
        double Of(LossSpec loss, Func<Dictionary<string, Tensor>, int, double> part)
        {
            using var objective = loss.Bind(Maps.Shapes(student, teacher), seed: 5);
            using var batch = Rows.Batch(0, 0, 0);
            var term = objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default);
            Assert.Equal(3, term.Count.Number());
            Assert.Equal(Enumerable.Range(0, 3).Sum(i => part(Weights(objective), i)), term.Sum.Number(), 1e-5);
            return term.Sum.Number();
        }
        foreach (GroupwiseLoss loss in new GroupwiseLoss[] { new AttentionTransfer(), new NeuronSelectivity() })
            Of(loss, (_, i) => loss.OfGroup(student[i], teacher[i]).sum().Number());
        Of(new VariationalInformation(), (weights, i) => NaiveFeatureLosses.Information(Maps.Doubles(student[i]), Maps.Doubles(teacher[i]),
            Matrix(weights, $"predictors.{i}.conv1.weight"),
            Matrix(weights, $"predictors.{i}.conv2.weight"),
            Matrix(weights, $"predictors.{i}.conv3.weight"),
            Row(weights, $"predictors.{i}.scale"), 1e-5));
        Of(new Hint(), (weights, i) => i != 1 ? 0 : NaiveFeatureLosses.Hint(Maps.Doubles(student[1]), Maps.Doubles(teacher[1]),
            Matrix(weights, "regressor.weight"), Row(weights, "regressor.bias")));
    }

    public static TheoryData<string> Edges() =>
        ["nothing", "one image", "zeros", "a zero image", "a zero channel", "equal", "large", "small"];

    [Theory]
    [MemberData(nameof(Edges))]
    public void Edges_have_finite_values_and_gradients(string what)
    {
        foreach (var loss in All())
        {
            using var scope = NewDisposeScope();
            var images = what == "nothing" ? 0 : what == "one image" ? 1 : 3;
            Tensor student = Maps.Random(1, images, 4, 4, 4), teacher = Maps.Random(2, images, 4, 6, 6);
            using (no_grad())
            {
                if (what == "zeros") { student.zero_(); teacher.zero_(); }
                if (what == "a zero image") { student[0].zero_(); teacher[1].zero_(); }
                if (what == "a zero channel") { student.select(1, 0).zero_(); teacher.select(1, 1).zero_(); }
                if (what == "equal") (student, teacher) = (student[0].expand(3, 4, 4, 4).clone(), student[0].expand(3, 4, 4, 4).clone());
                var factor = what switch { "large" => 1e6, "small" => 1e-8, _ => 1 };
                foreach (var map in new[] { student, teacher }) map.Divide(1 / factor);
            }
            student.requires_grad_();
            using var objective = loss.Bind(Maps.Shapes([student], [teacher]));
            using var batch = Rows.Batch(new long[images]);
            var term = objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default);
            term.Mean().backward();
            Assert.Equal(images, term.Count.Number());
            Assert.True(double.IsFinite(term.Mean().Number()), $"{loss.Name}: {what}");
            foreach (var gradient in objective.parameters().Select(p => p.grad).Prepend(student.grad))
            {
                Assert.NotNull(gradient);
                Assert.True(gradient.isfinite().all().item<bool>(), $"{loss.Name}: {what}");
            }
            if (what == "nothing") Assert.Equal(0, term.Sum.Number());
            if (what is "zeros" && loss is GroupwiseLoss) Assert.Equal((0, 0), (term.Sum.Number(), student.grad!.abs().max().Number()));
            if (what is "a zero image" && loss is GroupwiseLoss) Assert.Equal(0, student.grad![0].abs().max().Number());
            if (what is "a zero channel" && loss is GroupwiseLoss) Assert.Equal(0, student.grad!.select(1, 0).abs().max().Number());
        }
    }

    [Fact]
    public void Half_precision_maps_are_compared_in_float()
    {
        foreach (var loss in All())
        {
            using var scope = NewDisposeScope();
            var student = Maps.Random(1, 4, 6, 5, 5).to(ScalarType.BFloat16);
            var teacher = Maps.Random(2, 4, 3, 5, 5).to(ScalarType.BFloat16);
            using var objective = loss.Bind(Maps.Shapes([student], [teacher]), seed: 3);
            using var batch = Rows.Batch(0, 0, 0, 0);
            var half = objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default);
            var (wideStudent, wideTeacher) = (student.to(ScalarType.Float32), teacher.to(ScalarType.Float32));
            var full = objective.Compute(Maps.Signals(wideStudent), Maps.Signals(wideTeacher), batch, default);
            Assert.Equal(ScalarType.Float32, half.Sum.dtype);
            Assert.Equal(full.Sum.Number(), half.Sum.Number());
        }
    }

    [Fact]
    public void The_teacher_has_no_gradient_and_nothing_is_left_behind()
    {
        foreach (var loss in All())
        {
            using var scope = NewDisposeScope();
            Tensor student = Maps.Random(1, 2, 4, 4, 4).requires_grad_(), teacher = Maps.Random(2, 2, 4, 2, 2).requires_grad_();
            using var objective = loss.Bind(Maps.Shapes([student], [teacher]));
            using var batch = Rows.Batch(0, 0);
            using var inner = NewDisposeScope();
            objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default).Sum.backward();
            Assert.Null(teacher.grad);
            Assert.Equal(2, inner.DisposablesCount); // sum and count
        }
    }

    [Fact]
    public void Connectors_are_a_function_of_the_seed_alone()
    {
        foreach (LossSpec loss in new LossSpec[] { new Hint(), new VariationalInformation() })
        {
            using var scope = NewDisposeScope();
            Tensor[] maps = [Maps.Random(1, 2, 4, 4, 4), Maps.Random(1, 2, 8, 2, 2)];
            var shapes = Maps.Shapes(maps, maps);
            using var first = loss.Bind(shapes, seed: 7);
            manual_seed(99);
            using var second = loss.Bind(shapes, seed: 7);
            using var other = loss.Bind(shapes, seed: 8);
            Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
            Assert.Contains(first.parameters().Zip(other.parameters()), pair => !pair.First.equal(pair.Second).all().item<bool>());
            Assert.All(first.parameters(), parameter => Assert.True(parameter.requires_grad));
        }
    }

    [Fact]
    public void The_variance_starts_where_it_is_told()
    {
        foreach (var variance in new[] { 0.01, 5, 40, 1000 })
        {
            using var scope = NewDisposeScope();
            var map = Maps.Random(1, 1, 2, 1, 1);
            using var objective = new VariationalInformation { InitialVariance = variance }.Bind(Maps.Shapes([map], [map]));
            Assert.Equal(variance, SoftPlus(objective.get_parameter("predictors.0.scale")![0].item<float>()) + 1e-5, 1e-5 * variance);
        }
    }

    [Fact]
    public void A_normalised_hint_is_of_unit_variance_and_remembers_its_statistics()
    {
        using var scope = NewDisposeScope();
        Tensor student = Maps.Random(1, 4, 3, 5, 5).Times(100).Plus(7), teacher = zeros(4, 2, 5, 5);
        using var objective = new Hint { BatchNorm = true }.Bind(Maps.Shapes([student], [teacher]));
        using var batch = Rows.Batch(0, 0, 0, 0);
        // Against a teacher of zeros the mean square is the variance.
        Assert.Equal(4, objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default).Sum.Number(), 1e-3);
        Assert.Contains(objective.named_buffers(), buffer => buffer.name == "norm.running_mean" && buffer.buffer.abs().max().Number() > 0);
        using var one = Rows.Batch(0);
        Tensor dot = Maps.Random(1, 1, 3, 1, 1).requires_grad_(), light = zeros(1, 2, 1, 1);
        objective.Compute(Maps.Signals(dot), Maps.Signals(light), one, default).Sum.backward();
        Assert.True(dot.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Other_numbers_of_maps_are_a_misfit()
    {
        using var scope = NewDisposeScope();
        var map = Maps.Random(1, 1, 2, 1, 1);
        var shapes = Maps.Shapes([map, map], [map]);
        Assert.Equal("it compares feature maps one by one, but the student has 2 and the teacher 1",
            new AttentionTransfer().Misfit(shapes));
        Assert.NotNull(new NeuronSelectivity().Misfit(shapes));
        Assert.NotNull(new VariationalInformation().Misfit(shapes));
        Assert.Null(new Hint().Misfit(shapes));
        Assert.Null(new AttentionTransfer().Misfit(Maps.Shapes([map], [map])));
    }

    [Fact]
    public void Options_are_checked()
    {
        Assert.Equal(["weight", "power"], new AttentionTransfer { Weight = -1, Power = 0.5 }.Validate().Select(problem => problem.Option));
        Assert.Equal(["hidden", "least-variance"],
            new VariationalInformation { Hidden = 0, LeastVariance = 0 }.Validate().Select(problem => problem.Option));
        Assert.Equal(["initial-variance"],
            new VariationalInformation { InitialVariance = 1e-5 }.Validate().Select(problem => problem.Option));
        Assert.Empty(All().SelectMany(loss => loss.Validate()));
    }

    private static LossSpec[] All() =>
    [
        new AttentionTransfer(),
        new AttentionTransfer { Power = 1 },
        new NeuronSelectivity(),
        new Hint(),
        new Hint { BatchNorm = true },
        new VariationalInformation(),
    ];

    private static void Agrees(LossSpec loss, int size, Func<double[][][][], double[][][][], Dictionary<string, Tensor>, double> naive)
    {
        using var scope = NewDisposeScope();
        Tensor student = Maps.Random(1, Sizes[size][0]).requires_grad_(), teacher = Maps.Random(2, Sizes[size][1]);
        using var objective = loss.Bind(Maps.Shapes([student], [teacher]), seed: 3);
        using var batch = Rows.Batch(new long[student.shape[0]]);
        var weights = Weights(objective);
        double Naive(Tensor maps, Dictionary<string, Tensor> weights)
        {
            var (s, t) = NaiveFeatureLosses.Match(Maps.Doubles(maps), Maps.Doubles(teacher));
            return naive(s, t, weights);
        }
        var term = objective.Compute(Maps.Signals(student), Maps.Signals(teacher), batch, default);
        var expected = Naive(student, weights);
        Assert.Equal(student.shape[0], term.Count.Number());
        Assert.Equal(expected, term.Sum.Number(), 1e-5 * Math.Max(0.1, Math.Abs(expected)));
        term.Sum.backward();
        Maps.GradientAgrees(student, student.grad, maps => Naive(maps, weights));
        foreach (var (name, parameter) in objective.named_parameters())
            Maps.GradientAgrees(parameter, parameter.grad,
                value => Naive(student, new Dictionary<string, Tensor>(weights) { [name] = value }));
    }

    /// <summary>What an objective trains, by name.</summary>
    private static Dictionary<string, Tensor> Weights(Objective objective) =>
        objective.named_parameters().ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);

    private static double[][] Matrix(Dictionary<string, Tensor> weights, string name) =>
        Rows.Doubles(weights[name].reshape(weights[name].shape[0], weights[name].numel() / weights[name].shape[0]));

    private static double[] Row(Dictionary<string, Tensor> weights, string name) => [.. Matrix(weights, name).Select(row => row[0])];

    private static double SoftPlus(double x) => x > 30 ? x : Math.Log(1 + Math.Exp(x));
}
