using Refilled.Experiments;
using Refilled.FewShot;
using Refilled.Data.Episodes;
using Refilled.FewShot.Losses;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Experiments;

public sealed class AdapterFileTests : IDisposable
{
    private static readonly SetToSetLoss Spec = new()
        { Heads = 2, Temperature = 8.5, Balance = 0, Dropout = 0.25, Episode = new EpisodeShape { Way = 3, Shot = 1 } };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static EmbeddingNetwork Network(string name = "wrn-10-1") => NetworkCatalog.Create(name, new NetworkOptions(4));

    private string Saved()
    {
        using var objective = Spec.Bind(new SignalShapes(9, Network().EmbeddingSize, 0), seed: 5);
        AdapterFile.Save(folder["adapter.safetensors"], objective);
        return folder["adapter.safetensors"];
    }

    [Fact]
    public void What_is_written_reads_back_the_same_with_its_options()
    {
        using var scope = NewDisposeScope();
        using var objective = Spec.Bind(new SignalShapes(9, Network().EmbeddingSize, 0), seed: 5);
        using var loaded = AdapterFile.Load(Saved(), Network());
        Assert.Equal(Spec, loaded.Spec);
        Assert.False(loaded.training);
        var (expected, found) = (ModuleState.Of(objective), ModuleState.Of(loaded));
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, pair => Assert.True(pair.Value.equal(found[pair.Key]).all().item<bool>(), pair.Key));
        Assert.NotNull(((ILearnerObjective)loaded).Learner(Network()));
    }

    [Theory]
    [InlineData("format", null, "lacks format 'refilled-adapter/1'")]
    [InlineData("format", "refilled-network/1", "lacks format 'refilled-adapter/1'")]
    [InlineData("loss", null, "must hold loss and options")]
    [InlineData("loss", "set-to-sets", "holds an adapter of the loss 'set-to-sets', which this version doesn't know")]
    [InlineData("options", null, "must hold loss and options")]
    [InlineData("options", "heads: many\n", "heads: expected a whole number, not 'many'")]
    [InlineData("options", "heads: 0\n", "heads: must be from 1 to 64, not 0")]
    [InlineData("options", "tails: 1\n", "tails: unknown key")]
    [InlineData("options", "heads: 1\n", "doesn't fit the network")]
    [InlineData("options", "[", "this is no YAML")]
    [InlineData("options", "", "expected a mapping of keys to values")]
    public void Damaged_files_are_refused(string key, string? value, string message)
    {
        using var scope = NewDisposeScope();
        using (var file = Safetensors.Read(Saved()))
        {
            var metadata = file.Metadata.Where(pair => pair.Key != key && pair.Key != Seal.Key).ToDictionary();
            if (value is not null) metadata[key] = value;
            Safetensors.Write(folder["other.safetensors"], file.Tensors, metadata);
        }
        Assert.Contains(message, Assert.Throws<InputException>(() => AdapterFile.Load(folder["other.safetensors"], Network())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_network_is_refused() =>
        Assert.Contains("doesn't fit the network",
            Assert.Throws<InputException>(() => AdapterFile.Load(Saved(), Network("wrn-10-2"))).Message, StringComparison.Ordinal);
}
