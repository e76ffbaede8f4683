using Refilled.Evaluation;
using Refilled.Losses.Alignment;
using static TorchSharp.torch;

namespace Refilled.Tests.Golden;

[Trait("Category", "Golden")]
public class EvaluationGoldenTests
{
    [Theory]
    [InlineData("ncm")]
    [InlineData("ncm_sparse_labels")]
    public void Nearest_class_mean(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        foreach (var (suffix, unit) in new[] { ("", false), ("_unit", true) })
        {
            using var means = NearestClassMean.Fit(golden["train_embedding"], golden["train_labels"], unit);
            golden.Same("class_ids", means.ClassIds);
            golden.Agrees("prototypes" + suffix, means.Centres);
            golden.Same("pred" + suffix, means.Predict(golden["test_embedding"]));
            golden.Agrees("accuracy" + suffix, tensor(means.Accuracy(golden["test_embedding"], golden["test_labels"])));
        }
    }

    [Theory]
    [InlineData("nn1")]
    [InlineData("nn1_ties")]
    public void Nearest_neighbour(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var (train, test) = (golden["train_embedding"], golden["test_embedding"]);
        var nearest = NearestNeighbour.Indices(train, test);
        golden.Same("nn_index", nearest);
        golden.Agrees("nn_distance", Distances.Between(test, train).gather(1, nearest.unsqueeze(1)).squeeze(1));
        golden.Same("pred", golden["train_labels"].index_select(0, nearest));
        golden.Agrees("accuracy", tensor(NearestNeighbour.Accuracy(train, golden["train_labels"], test, golden["test_labels"])));
    }
}
