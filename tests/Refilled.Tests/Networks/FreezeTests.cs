using Refilled.Networks;
using Refilled.Networks.Layers;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

public class FreezeTests
{
    private static Tensor Images(long seed, int count = 6)
    {
        using var generator = new Generator((ulong)seed);
        return randint(0, 256, [count, 3, 32, 32], ScalarType.Byte, generator: generator);
    }

    /// <summary>A network whose batch norms differ from the identity in every number.</summary>
    private static EmbeddingNetwork Made(string name, Precision precision)
    {
        var network = NetworkCatalog.Create(name, new NetworkOptions(5) { Precision = precision });
        using var _ = no_grad();
        using var generator = new Generator(3);
        foreach (var (part, tensor) in network.state_dict())
        {
            // Of biases of convolutions, too.
            if ((tensor.dim() != 1 && !part.Contains("bn", StringComparison.Ordinal)) || tensor.dtype != ScalarType.Float32) continue;
            var noise = rand(tensor.shape, generator: generator);
            tensor.copy_(part.EndsWith("bias", StringComparison.Ordinal) || part.EndsWith("mean", StringComparison.Ordinal)
                ? noise.Plus(-0.5)
                : noise.Plus(0.5));
        }
        network.eval();
        return network;
    }

    [Theory]
    [InlineData("wrn-16-1", Precision.Fp32, 2e-5)]
    [InlineData("resnet-20", Precision.Fp32, 2e-5)]
    [InlineData("mobilenet-0.25", Precision.Fp32, 2e-5)]
    [InlineData("convnet-4", Precision.Fp32, 2e-5)]
    [InlineData("convnet-4-flat", Precision.Fp32, 2e-5)]
    [InlineData("resnet-12-0.25", Precision.Fp32, 2e-5)]
    [InlineData("refilled-wrn-16-1", Precision.Fp32, 2e-5)]
    [InlineData("resnet-18", Precision.Fp32, 2e-5)]
    [InlineData("mobilenet-v2-0.35", Precision.Fp32, 2e-5)]
    [InlineData("mobilenet-v3-small", Precision.Fp32, 2e-5)]
    [InlineData("refilled-wrn-16-1", Precision.Bf16, 0.03)]
    [InlineData("wrn-16-1", Precision.Bf16, 0.03)]
    [InlineData("resnet-20", Precision.Bf16, 0.03)]
    [InlineData("mobilenet-0.25", Precision.Bf16, 0.03)]
    [InlineData("convnet-4", Precision.Bf16, 0.03)]
    [InlineData("convnet-4-flat", Precision.Bf16, 0.03)]
    [InlineData("resnet-12-0.25", Precision.Bf16, 0.03)]
    public void Folding_batch_norms_changes_nothing_but_rounding(string name, Precision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        var network = Made(name, precision);
        const Needs all = Needs.Embedding | Needs.Logits | Needs.FeatureMaps;
        var before = network.Observe(Images(1), all);
        var state = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        network.Freeze();
        var after = network.Observe(Images(1), all);
        void Close(Tensor expected, Tensor found)
        {
            var error = (found - expected).to(ScalarType.Float32).norm() / expected.to(ScalarType.Float32).norm();
            Assert.InRange(error.Number(), 0, tolerance);
        }
        Close(before.Embedding, after.Embedding);
        Close(before.Logits, after.Logits);
        foreach (var (expected, found) in before.FeatureMaps.Zip(after.FeatureMaps)) Close(expected, found);
        // What is written to a file is the network as it was.
        Assert.Equal(state.Keys, network.state_dict().Keys);
        foreach (var (part, tensor) in network.state_dict()) Assert.True(tensor.equal(state[part]).all().item<bool>(), part);
        Assert.False(after.Logits.requires_grad);
    }

    [Theory]
    [InlineData("wrn-16-2", 7)]
    [InlineData("resnet-20", 0)]
    [InlineData("mobilenet-0.25", 0)]
    [InlineData("convnet-4", 0)]
    [InlineData("resnet-12-0.25", 0)]
    [InlineData("refilled-wrn-10-1", 4)]
    [InlineData("resnet-50-imagenet", 0)]
    [InlineData("mobilenet-v2-0.35", 0)]
    [InlineData("mobilenet-v3-small", 0)]
    public void A_network_names_each_convolution_once_and_the_batch_norms_that_can_be_folded(string name, int otherNorms)
    {
        using var network = Made(name, Precision.Fp32);
        var (layers, modules) = (((LayeredNetwork)network).Convolutions.ToList(), network.modules().ToList());
        Assert.Equal(modules.OfType<MixedPrecisionConv2d>().ToHashSet(), layers.Select(layer => layer.Convolution).ToHashSet());
        var norms = layers.Select(layer => layer.Norm).OfType<BatchNormalisation>().ToList();
        Assert.Equal((layers.Count, norms.Count), (layers.Select(layer => layer.Convolution).Distinct().Count(), norms.Distinct().Count()));
        // In a WideResNet a block's first batch norm and the last one read sums.
        Assert.Equal(otherNorms, modules.OfType<BatchNormalisation>().Except(norms).Count());
    }

    [Fact]
    public void A_frozen_network_refuses_to_train()
    {
        using var scope = NewDisposeScope();
        var network = Made("wrn-10-1", Precision.Fp32);
        network.Freeze();
        network.train();
        Assert.Throws<InvalidOperationException>(() => network.Observe(Images(1), Needs.Logits));
    }
}
