using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

/// <summary>Losses and learners over few-shot episodes.</summary>
[Trait("Category", "Golden")]
public class EpisodeGoldenTests
{
    [Theory]
    [InlineData("protonet_5w5s")]
    [InlineData("protonet_1shot")]
    public void Prototypes_of_an_episode(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var loss = new PrototypeLoss { Episode = Shape(golden), Temperature = golden.Number("temperature") };
        var rows = golden.Input("instance_emb");
        var (support, queries) = Prototypes.Split(rows, loss.Episode);
        golden.Agrees("prototypes", support.mean([0]));
        golden.Agrees("logits", Prototypes.Logits(queries.flatten(0, 1), support.mean([0]), loss.Temperature));
        using var objective = loss.Bind(new SignalShapes(2, (int)rows.shape[1], 0));
        using var batch = Rows.Batch(0);
        var value = objective.Compute(new Signals(rows), Signals.None, batch, default).Mean();
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_instance_emb", rows.grad);
        golden.Same("pred", Solve(new PrototypeLearner(new PixelNetwork(1)), golden));
    }

    [Theory]
    [InlineData("feat_1head")]
    [InlineData("feat_2head")]
    public void Prototypes_adapted_by_a_transformer(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        Assert.Equal(1e-5, golden.Number("ln_eps"));
        var loss = new SetToSetLoss { Episode = Shape(golden), Temperature = golden.Number("temperature"), Balance = 0 };
        var rows = golden.Input("instance_emb");
        using var transformer = new SetTransformer((int)rows.shape[1], (int)golden.Number("n_head"), (int)golden.Number("d_k"),
            (int)golden.Number("d_v"));
        var keys = new Dictionary<string, string>
        {
            ["w_qs.weight"] = "w_qs", ["w_ks.weight"] = "w_ks", ["w_vs.weight"] = "w_vs",
            ["fc.weight"] = "fc_weight", ["fc.bias"] = "fc_bias",
            ["layer_norm.weight"] = "ln_weight", ["layer_norm.bias"] = "ln_bias",
        };
        Assert.Equal(keys.Keys.Order(StringComparer.Ordinal), transformer.named_parameters().Select(pair => pair.name)
            .Order(StringComparer.Ordinal));
        using (no_grad())
        {
            foreach (var (parameter, key) in keys) transformer.get_parameter(parameter)!.copy_(golden[key]);
        }
        golden.Agrees("attention", transformer.Attention(golden["prototypes"]).squeeze(0));
        var adapted = transformer.call(golden["prototypes"]);
        golden.Agrees("adapted_prototypes", adapted);
        golden.Agrees("logits", Prototypes.Logits(Prototypes.Split(rows, loss.Episode).Queries.flatten(0, 1), adapted, loss.Temperature));
        var value = loss.Mean(rows, transformer);
        golden.Agrees("loss", value);
        value.backward();
        golden.GradientAgrees("grad_instance_emb", rows.grad);
        foreach (var (parameter, key) in keys) golden.GradientAgrees("grad_" + key, transformer.get_parameter(parameter)!.grad);
        golden.Same("pred", Solve(new FeatLearner(new PixelNetwork(1), transformer), golden));
    }

    [Theory]
    [InlineData("nn1")]
    [InlineData("nn1_ties")]
    public void The_nearest_neighbour(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        golden.Same("pred", new NearestNeighbourLearner(new PixelNetwork(1))
            .Classify(golden["train_embedding"], golden["train_labels"], golden["test_embedding"], 100));
    }

    private static EpisodeShape Shape(GoldenCase golden) =>
        new() { Way = (int)golden.Number("way"), Shot = (int)golden.Number("shot"), Query = (int)golden.Number("query") };

    private static Tensor Solve(EmbeddingLearner learner, GoldenCase golden)
    {
        var shape = Shape(golden);
        using var _ = no_grad();
        var (support, queries) = Prototypes.Split(golden["instance_emb"], shape);
        return learner.Classify(support.flatten(0, 1), Numbers.Range(0, shape.Way).repeat(shape.Shot), queries.flatten(0, 1), shape.Way);
    }
}
