using Refilled.FewShot.Learners;
using Refilled.Tests.FewShot.Losses;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot.Learners;

public class SetTransformerTests
{
    [Theory]
    [InlineData(1, null, null)]
    [InlineData(3, 2, 5)]
    public void Agrees_with_loops(int heads, int? keySize, int? valueSize)
    {
        using var scope = NewDisposeScope();
        using var transformer = new SetTransformer(6, heads, keySize, valueSize, seed: 1);
        var set = Rows.Random(4, 6, 2);
        double[][] Weight(string name)
        {
            var parameter = transformer.get_parameter(name)!;
            return Rows.Doubles(parameter.dim() == 1 ? parameter.unsqueeze(0) : parameter);
        }
        var expected = NaiveEpisodes.Adapt(Rows.Doubles(set), heads, Weight);
        var adapted = Rows.Doubles(transformer.call(set));
        Assert.Equal(expected.Length, adapted.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.All(expected[i].Zip(adapted[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Sets_are_adapted_each_by_itself_and_in_any_order()
    {
        using var scope = NewDisposeScope();
        using var transformer = new SetTransformer(6, 2, seed: 1);
        var (one, two) = (Rows.Random(4, 6, 2), Rows.Random(4, 6, 3));
        var both = transformer.call(stack([one, two], 0));
        Near(transformer.call(one), both[0]);
        Near(transformer.call(two), both[1]);
        var order = tensor(new long[] { 2, 0, 3, 1 });
        Near(transformer.call(one).index_select(0, order), transformer.call(one.index_select(0, order)));
        Near(ones(1, 2, 4), transformer.Attention(one).sum(dim: 3));
    }

    [Fact]
    public void Factors_stand_before_what_the_attention_adds()
    {
        using var scope = NewDisposeScope();
        using var transformer = new SetTransformer(6, seed: 1);
        var set = Rows.Random(4, 6, 2);
        Near(nn.functional.layer_norm(set, [6]), transformer.Adapt(set, zeros(4, 6)));
        Near(transformer.call(set), transformer.Adapt(set, ones(4, 6)));
        var half = ones(4, 6);
        half[1] = zeros(6);
        Near(nn.functional.layer_norm(set, [6])[1], transformer.Adapt(set, half)[1]);
        Near(transformer.call(set)[2], transformer.Adapt(set, half)[2]);
    }

    [Fact]
    public void Weights_are_a_function_of_the_seed_and_live_beyond_the_scope()
    {
        SetTransformer one, same, other;
        using (NewDisposeScope())
            (one, same, other) = (new SetTransformer(64, seed: 5), new SetTransformer(64, seed: 5), new SetTransformer(64, seed: 6));
        using var scope = NewDisposeScope();
        Assert.All(one.state_dict(), pair => Assert.True(pair.Value.equal(same.state_dict()[pair.Key]).all().item<bool>()));
        Assert.All(one.state_dict().Where(pair => pair.Key.StartsWith("w_", StringComparison.Ordinal)),
            pair => Assert.False(pair.Value.equal(other.state_dict()[pair.Key]).all().item<bool>()));
        // Deviations √(2 / (64 + 64)); the norm starts as the identity.
        foreach (var name in new[] { "w_qs.weight", "w_ks.weight", "w_vs.weight", "fc.weight" })
            Assert.Equal(0.125, one.state_dict()[name].std().Number(), 0.01);
        Assert.Equal((1, 1, 0), (one.state_dict()["layer_norm.weight"].min().Number(), one.state_dict()["layer_norm.weight"].max().Number(),
            one.state_dict()["layer_norm.bias"].abs().max().Number()));
        Assert.InRange(one.state_dict()["fc.bias"].abs().max().Number(), 0.05, 0.125);
        foreach (var transformer in new[] { one, same, other }) transformer.Dispose();
    }

    [Fact]
    public void A_file_gives_the_same_transformer()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var transformer = new SetTransformer(6, 3, 2, 5, seed: 1);
        transformer.Save(folder["t.safetensors"]);
        using var loaded = SetTransformer.Load(folder["t.safetensors"]);
        Assert.Equal((6, 3), (loaded.Size, loaded.Heads));
        var set = Rows.Random(4, 6, 2);
        Assert.True(transformer.call(set).equal(loaded.call(set)).all().item<bool>());
    }

    [Fact]
    public void Other_files_are_refused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var transformer = new SetTransformer(6);
        string Error(IEnumerable<KeyValuePair<string, Tensor>> tensors, params (string Key, string Value)[] metadata)
        {
            Safetensors.Write(folder["t.safetensors"], tensors, metadata.ToDictionary(pair => pair.Key, pair => pair.Value));
            return Assert.Throws<InputException>(() => SetTransformer.Load(folder["t.safetensors"])).Message;
        }
        var state = transformer.state_dict();
        var format = ("format", "refilled-set-transformer/1");
        Assert.Contains("no set transformer", Error(state), StringComparison.Ordinal);
        Assert.Contains("number of heads", Error(state, format), StringComparison.Ordinal);
        Assert.Contains("number of heads", Error(state, format, ("heads", "7")), StringComparison.Ordinal);
        Assert.Contains("number of heads", Error([], format, ("heads", "1")), StringComparison.Ordinal);
        Assert.Contains("1 missing (fc.bias)", Error(state.Where(pair => pair.Key != "fc.bias"), format, ("heads", "1")),
            StringComparison.Ordinal);
        Assert.Contains("w_qs.weight is [6, 6], expected [4, 6]", Error(state, format, ("heads", "4")), StringComparison.Ordinal);
        Assert.Contains("There is no file", Assert.Throws<InputException>(() => SetTransformer.Load(folder["none"])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SetTransformer(6, 0));
    }

    private static void Near(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().Number(), 0, 1e-5);
}
