using Refilled.FewShot;
using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Training;
using Refilled.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Losses;

public class MamlLossTests
{
    private static readonly EpisodeShape Shape = new() { Way = 3, Shot = 2, Query = 2 };

    private static Tensor Images(int size, int count = 12)
    {
        using var generator = new Generator(9);
        return randint(0, 256, [count, 3, size, size], ScalarType.Byte, generator: generator);
    }

    /// <summary>The engine draws a layer's weights from hidden state, and a step over a kink would depend on it.</summary>
    private static Linear Head(int inputs)
    {
        using var _ = no_grad();
        var head = nn.Linear(inputs, 3);
        head.weight!.copy_(Rows.Random(3, inputs, 7));
        head.bias!.copy_(Rows.Random(1, 3, 8)[0]);
        return head;
    }

    private static int[] Labels(int shots) => [.. Enumerable.Range(0, 3 * shots).Select(i => i % 3)];

    /// <summary>fp64 leaves with a gradient, in the order of their names.</summary>
    private static Dictionary<string, Tensor> Leaves(IReadOnlyDictionary<string, Tensor> parameters) =>
        parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().to(ScalarType.Float64).requires_grad_());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_linear_model_agrees_with_loops_in_value_and_gradient(bool firstOrder)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearNetwork(4, 2);
        var loss = new MamlLoss { Episode = Shape, InnerSteps = 3, InnerLearningRate = 0.5, FirstOrder = firstOrder };
        var images = Images(2);
        var model = new MamlModel(network, Head(4));
        var leaves = new Dictionary<string, Tensor> { ["a"] = Rows.Random(4, 12, 1), ["head.weight"] = Rows.Random(3, 4, 2),
            ["head.bias"] = Rows.Random(1, 3, 3)[0] };
        leaves = Leaves(leaves);
        var sum = loss.Sum(model, leaves, images);
        sum.backward();

        var x = Rows.Doubles(network.Input.Apply(images, CPU).flatten(1));
        var (support, queries) = (x[..6], x[6..]);
        NaiveMaml Of(Func<Tensor, Tensor> read) => new(Rows.Doubles(read(leaves["a"])), Rows.Doubles(read(leaves["head.weight"])),
            Rows.Doubles(read(leaves["head.bias"]).unsqueeze(0))[0]);
        var start = Of(leaf => leaf);
        var adapted = start.Adapt(support, Labels(2), 3, 0.5);
        Assert.Equal(adapted.Loss(queries, Labels(2)), sum.Number(), 1e-9);
        var slope = Of(leaf => leaf.grad!);
        for (var seed = 0; seed < 4; seed++)
        {
            var direction = new NaiveMaml(Rows.Doubles(Rows.Random(4, 12, 10 + seed)), Rows.Doubles(Rows.Random(3, 4, 20 + seed)),
                Rows.Doubles(Rows.Random(1, 3, 30 + seed))[0]);
            double After(double step) => start.Plus(direction, step).Adapt(support, Labels(2), 3, 0.5).Loss(queries, Labels(2));
            // To the first order what the steps add is a constant: the gradient is that at their end.
            var expected = firstOrder ? adapted.Slope(queries, Labels(2)).Dot(direction) : (After(1e-5) - After(-1e-5)) / 2e-5;
            Assert.Equal(expected, slope.Dot(direction), 1e-6 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void Second_derivatives_of_a_ConvNet_agree_with_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var network = SmallTasks.Network("convnet-4", size: 16);
        var loss = new MamlLoss { Episode = Shape, InnerSteps = 2, InnerLearningRate = 0.1 };
        var images = Images(16);
        var model = new MamlModel(network, Head(64));
        var leaves = Leaves(model.Parameters());
        loss.Sum(model, leaves, images).backward();
        foreach (var name in leaves.Keys)
        {
            using var inner = NewDisposeScope();
            using var generator = new Generator(5);
            // As long as the parameter itself, whatever its size.
            var direction = randn(leaves[name].shape, ScalarType.Float64, generator: generator);
            direction /= direction.norm();
            double At(double step) => loss.Sum(model, leaves.ToDictionary(pair => pair.Key, pair =>
                (pair.Key == name ? pair.Value.Plus(direction.Times(step)) : pair.Value).detach().requires_grad_()), images).Number();
            var difference = (At(1e-6) - At(-1e-6)) / 2e-6;
            var slope = (leaves[name].grad! * direction).sum().Number();
            Assert.True(Math.Abs(difference - slope) <= 1e-5 * Math.Max(Math.Abs(slope), 1e-2),
                $"{name}: slope {slope}, difference {difference}");
        }
    }

    [Fact]
    public void Second_derivatives_matter_and_the_first_order_leaves_them_out()
    {
        using var scope = NewDisposeScope();
        using var network = SmallTasks.Network("convnet-4", size: 16);
        var images = Images(16);
        var model = new MamlModel(network, Head(64));
        Dictionary<string, Tensor> Gradients(bool firstOrder)
        {
            var leaves = Leaves(model.Parameters());
            new MamlLoss { Episode = Shape, InnerSteps = 2, InnerLearningRate = 0.1, FirstOrder = firstOrder }.Sum(model,
                leaves, images).backward();
            return leaves.ToDictionary(pair => pair.Key, pair => pair.Value.grad!);
        }
        var (first, second) = (Gradients(true), Gradients(false));
        var labels = tensor(Labels(2).Select(label => (long)label).ToArray());
        // The naive formula: steps by hand, then the gradient of the queries' loss where they end.
        var at = Leaves(model.Parameters());
        for (var step = 0; step < 2; step++)
        {
            nn.functional.cross_entropy(model.Logits(images.narrow(0, 0, 6), at), labels).backward();
            at = at.ToDictionary(pair => pair.Key, pair => (pair.Value.Plus(pair.Value.grad!, -0.1)).detach().requires_grad_());
        }
        nn.functional.cross_entropy(model.Logits(images.narrow(0, 6, 6), at), labels, reduction: nn.Reduction.Sum).backward();
        foreach (var (name, leaf) in at)
        {
            Assert.True((first[name] - leaf.grad!).abs().max().Number() <= 1e-10 * Math.Max(1, leaf.grad!.abs().max().Number()), name);
            Assert.True((first[name] - second[name]).norm().Number() > 1e-3 * second[name].norm().Number(), name);
        }
    }

    [Fact]
    public void Its_gradient_reaches_the_student_and_the_head_and_nothing_else_changes()
    {
        using var scope = NewDisposeScope();
        using var network = SmallTasks.Network("convnet-4", size: 16);
        network.train();
        using var objective = new MamlLoss { Episode = Shape }.Bind(new SignalShapes(4, 64, 0), 3);
        using var same = new MamlLoss { Episode = Shape }.Bind(new SignalShapes(4, 64, 0), 3);
        objective.Attach(network);
        Assert.Equal(["head.weight", "head.bias"], objective.named_parameters().Select(pair => pair.name));
        Assert.Equal(["head.weight", "head.bias"], ModuleState.Of(objective).Keys);
        Assert.True(objective.parameters().First().equal(same.parameters().First()).all().item<bool>());
        Assert.True(objective.IsKept);
        var before = ModuleState.Copy(ModuleState.Of(network));
        using var batch = Batch.Owning(Images(16), zeros([12], ScalarType.Int64), new long[12], new int[12]);
        var term = objective.Compute(Signals.None, Signals.None, batch, default);
        Assert.Equal(6, term.Count.Number());
        term.Mean().backward();
        foreach (var (name, parameter) in network.named_parameters().Concat(objective.named_parameters()))
            Assert.True(name.StartsWith("fc.", StringComparison.Ordinal) == parameter.grad is null && (parameter.grad is null
                || (parameter.grad.isfinite().all().item<bool>() && parameter.grad.abs().max().Number() > 0)), name);
        Assert.All(ModuleState.Of(network), pair => Assert.True(pair.Value.equal(before[pair.Key]).all().item<bool>(), pair.Key));
    }

    [Fact]
    public void Steps_on_one_episode_bring_its_loss_down()
    {
        using var scope = NewDisposeScope();
        using var network = SmallTasks.Network("convnet-4", size: 16);
        network.train();
        using var objective = new MamlLoss { Episode = Shape }.Bind(new SignalShapes(4, 64, 0));
        objective.Attach(network);
        using var sgd = new Sgd(network.named_parameters().Concat(objective.named_parameters()), 0.9, 0);
        using var batch = Batch.Owning(Images(16), zeros([12], ScalarType.Int64), new long[12], new int[12]);
        var losses = new List<double>();
        for (var step = 0; step < 12; step++)
        {
            using var inner = NewDisposeScope();
            sgd.ZeroGrad();
            var mean = objective.Compute(Signals.None, Signals.None, batch, default).Mean();
            mean.backward();
            sgd.Step(0.05, ones([]));
            losses.Add(mean.Number());
        }
        Assert.True(losses[^1] < 0.5 * losses[0], string.Join(' ', losses));
    }

    [Fact]
    public void Networks_that_cannot_are_refused()
    {
        using var objective = new MamlLoss().Bind(new SignalShapes(4, 64, 0));
        using var wide = SmallTasks.Network();
        using var half = NetworkCatalog.Create("convnet-4", new NetworkOptions(4) { Precision = Precision.Bf16 });
        Assert.Contains("use convnet-4", Assert.Throws<InputException>(() => objective.Attach(wide)).Message, StringComparison.Ordinal);
        Assert.Contains("--precision fp32", Assert.Throws<InputException>(() => objective.Attach(half)).Message, StringComparison.Ordinal);
        Assert.Contains("--precision fp32", Assert.Throws<InputException>(() => ((ILearnerObjective)objective).Learner(half)).Message,
            StringComparison.Ordinal);
        using var batch = Batch.Owning(Images(16), zeros([12], ScalarType.Int64), new long[12], new int[12]);
        Assert.Throws<InvalidOperationException>(() => objective.Compute(Signals.None, Signals.None, batch, default));
        using var network = SmallTasks.Network("convnet-4", size: 16);
        objective.Attach(network);
        Assert.Throws<ArgumentException>(() => objective.Compute(Signals.None, Signals.None, batch, default));
        Assert.Equal(["inner-steps", "inner-learning-rate", "test-steps"],
            new MamlLoss { InnerSteps = 0, InnerLearningRate = 0, TestSteps = -1 }.Validate().Select(problem => problem.Option));
    }
}
