using Refilled.Losses.Alignment;
using TorchSharp;

namespace Refilled.Tests.Golden;

[Trait("Category", "Golden")]
public class MiningGoldenTests
{
    [Theory]
    [InlineData("semihard_basic")]
    [InlineData("semihard_singleton")]
    [InlineData("semihard_none_separated")]
    [InlineData("semihard_none_singletons")]
    [InlineData("semihard_none_one_class")]
    [InlineData("semihard_ties")]
    public void Semi_hard_triplets(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenCase.Open(name);
        var distances = Distances.OfUnitRows(golden["embeddings"]);
        golden.Agrees("distances", distances);
        golden.Same("triplets", new SemiHardMiner(golden.Number("margin")).Mine(distances, golden["labels"]));
    }
}
