using Refilled.FewShot;
using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Losses;

public class EpisodeLossTests
{
    private const int Size = 6;

    private static readonly EpisodeShape Shape = new() { Way = 3, Shot = 2, Query = 4 };

    private static readonly SignalShapes Shapes = new(7, Size, 0);

    [Fact]
    public void Prototypes_agree_with_loops_in_value_and_gradient()
    {
        using var scope = NewDisposeScope();
        var loss = new PrototypeLoss { Episode = Shape, Temperature = 3 };
        var rows = Rows.Random(Shape.Images, Size, 1).requires_grad_();
        double Naive(Tensor at) => NaiveEpisodes.Queries(Rows.Doubles(at), Shape, 3);
        using var objective = loss.Bind(Shapes);
        var term = Compute(objective, rows);
        Assert.Equal(12, term.Count.Number());
        Assert.Equal(Naive(rows), term.Mean().Number(), 1e-5);
        term.Mean().backward();
        Rows.GradientAgrees(rows, rows.grad!, Naive);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 0.7)]
    [InlineData(3, 0.7)]
    public void The_adapted_ones_agree_with_loops_in_value_and_gradient(int heads, double balance)
    {
        using var scope = NewDisposeScope();
        var loss = new SetToSetLoss { Episode = Shape, Temperature = 3, ContrastTemperature = 5, Heads = heads, Balance = balance };
        var rows = Rows.Random(Shape.Images, Size, 1).requires_grad_();
        using var objective = loss.Bind(Shapes, seed: 4);
        var weights = objective.named_parameters().ToDictionary(pair => pair.name, pair => Matrix(pair.parameter));
        double Naive(Tensor at, string? changed, Tensor? value)
        {
            double[][] Weight(string name) => "transformer." + name == changed ? Matrix(value!) : weights["transformer." + name];
            double[][] Adapt(double[][] set) => NaiveEpisodes.Adapt(set, heads, Weight);
            return NaiveEpisodes.Queries(Rows.Doubles(at), Shape, 3, Adapt)
                + (balance == 0 ? 0 : balance * NaiveEpisodes.Contrast(Rows.Doubles(at), Shape, 5, Adapt));
        }
        var term = Compute(objective, rows);
        Assert.Equal(12, term.Count.Number());
        Assert.Equal(Naive(rows, null, null), term.Mean().Number(), 1e-5);
        term.Mean().backward();
        Rows.GradientAgrees(rows, rows.grad!, at => Naive(at, null, null));
        foreach (var (name, parameter) in objective.named_parameters())
        {
            var flat = parameter.detach().view(-1, parameter.shape[^1]);
            Rows.GradientAgrees(flat, parameter.grad!.view(flat.shape), value => Naive(rows, name, value), tolerance: 1e-2);
        }
    }

    public static TheoryData<string, float> Edges() =>
        new() { { "zero rows", 0 }, { "the same", 3 }, { "long", 1e10f }, { "short", 1e-20f } };

    [Theory]
    [MemberData(nameof(Edges))]
    public void Edges_have_finite_values_and_gradients(string what, float scale)
    {
        foreach (var loss in new LossSpec[] { new PrototypeLoss { Episode = Shape }, new SetToSetLoss { Episode = Shape, Balance = 1 } })
        {
            using var scope = NewDisposeScope();
            var rows = (what == "the same" ? ones(Shape.Images, Size) : Rows.Random(Shape.Images, Size, 1)).Times(scale).requires_grad_();
            using var objective = loss.Bind(Shapes);
            var mean = Compute(objective, rows).Mean();
            mean.backward();
            Assert.True(double.IsFinite(mean.Number()), what);
            Assert.True(rows.grad!.isfinite().all().item<bool>(), what);
            Assert.All(objective.parameters(), parameter => Assert.True(parameter.grad!.isfinite().all().item<bool>(), what));
            if (what is "the same" or "zero rows" && loss is PrototypeLoss) Assert.Equal(Math.Log(3), mean.Number(), 1e-6);
        }
    }

    [Fact]
    public void A_batch_of_another_size_is_refused()
    {
        using var scope = NewDisposeScope();
        using var objective = new PrototypeLoss { Episode = Shape }.Bind(Shapes);
        var error = Assert.Throws<ArgumentException>(() => Compute(objective, Rows.Random(17, Size, 1)));
        Assert.Contains("17 images is no episode: 3 classes with 2 shots and 4 queries each are 18", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Half_precision_is_computed_in_float_and_nothing_is_left_behind()
    {
        foreach (var loss in new LossSpec[] { new PrototypeLoss { Episode = Shape }, new SetToSetLoss { Episode = Shape, Dropout = 0.5 } })
        {
            using var objective = loss.Bind(Shapes);
            using var scope = NewDisposeScope();
            var rows = Rows.Random(Shape.Images, Size, 1).to(ScalarType.BFloat16).requires_grad_();
            var batch = Rows.Batch(0);
            using var inner = NewDisposeScope();
            var term = objective.Compute(new Signals(rows), Signals.None, batch, default);
            Assert.Equal(ScalarType.Float32, term.Sum.dtype);
            Assert.Equal(2, inner.DisposablesCount);
        }
    }

    [Fact]
    public void Dropout_is_a_function_of_seed_and_step_and_of_training()
    {
        using var scope = NewDisposeScope();
        var loss = new SetToSetLoss { Episode = Shape, Temperature = 1, Dropout = 0.5 };
        var rows = Rows.Random(Shape.Images, Size, 1);
        double Value(LossSpec spec, long seed, int epoch, int step, bool train = true)
        {
            using var objective = spec.Bind(Shapes, seed);
            objective.train(train);
            return Compute(objective, rows, new TrainClock(epoch, step, 10, 10)).Mean().Number();
        }
        Assert.Equal(Value(loss, 1, 2, 3), Value(loss, 1, 2, 3));
        Assert.Equal(3, new[] { Value(loss, 1, 2, 3), Value(loss, 1, 2, 4), Value(loss, 1, 3, 3) }.Distinct().Count());
        Assert.Equal(Value(loss with { Dropout = 0 }, 1, 2, 3), Value(loss, 1, 2, 3, train: false));
        Assert.Equal(Value(loss with { Dropout = 0 }, 1, 2, 3), Value(loss with { Dropout = 0 }, 1, 5, 6));
    }

    [Fact]
    public void Objectives_say_what_they_keep_and_how_they_solve_tasks()
    {
        using var network = new PixelNetwork(Size);
        using var prototypes = new PrototypeLoss().Bind(Shapes);
        using var adapted = new SetToSetLoss().Bind(Shapes, 3);
        using var labels = new CrossEntropy().Bind(Shapes);
        Assert.Equal((false, true, false), (prototypes.IsKept, adapted.IsKept, labels.IsKept));
        Assert.Equal(["protonet", "feat", null],
            new[] { prototypes, adapted, labels }.Select(objective => (objective as ILearnerObjective)?.Learner(network).Name));

        // The learner follows what is trained.
        using var scope = NewDisposeScope();
        var learner = (EmbeddingLearner)((ILearnerObjective)adapted).Learner(network);
        var (support, queries) = (Rows.Random(3, Size, 1), Rows.Random(60, Size, 2));
        Tensor Ask()
        {
            using var _ = no_grad();
            return learner.Classify(support, Numbers.Range(0, 3), queries, 3);
        }
        var before = Ask();
        using (no_grad()) adapted.get_parameter("transformer.layer_norm.bias")!.Increase(tensor(new float[] { 3, -3, 3, -3, 3, -3 }));
        Assert.False(before.equal(Ask()).all().item<bool>());
    }

    [Fact]
    public void Specs_say_what_their_batches_are()
    {
        LossSpec[] specs = [new PrototypeLoss { Episode = Shape }, new SetToSetLoss { Episode = Shape }];
        Assert.All(specs, spec => Assert.Equal(
            (Shape, Needs.Embedding, Needs.None), (spec.TaskShape, spec.StudentNeeds, spec.TeacherNeeds)));
        Assert.All(specs, spec => Assert.Equal(Shape, (2 * spec).TaskShape));
        Assert.Null(new CrossEntropy().TaskShape);
    }

    [Fact]
    public void Impossible_options_are_named()
    {
        var bad = Shape with { Shot = 0 };
        Assert.Equal(["episode.shot", "temperature"], new PrototypeLoss { Episode = bad, Temperature = 0 }.Validate()
            .Select(problem => problem.Option));
        Assert.Equal(["episode.shot", "temperature", "balance", "contrast-temperature", "heads", "dropout"],
            new SetToSetLoss { Episode = bad, Temperature = 0, Balance = -1, ContrastTemperature = double.NaN, Heads = 0,
                Dropout = 1 }.Validate().Select(problem => problem.Option));
        Assert.Empty(new PrototypeLoss().Validate().Concat(new SetToSetLoss().Validate()));
    }

    private static LossTerm Compute(Objective objective, Tensor rows, TrainClock clock = default)
    {
        using var batch = Rows.Batch(0);
        return objective.Compute(new Signals(rows), Signals.None, batch, clock);
    }

    private static double[][] Matrix(Tensor weight) => Rows.Doubles(weight.dim() == 1 ? weight.unsqueeze(0) : weight);
}
