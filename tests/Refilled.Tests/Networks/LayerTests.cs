using Refilled.Networks;
using Refilled.Networks.Layers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

/// <summary>What the layers say of themselves is all that the network does: an export can rely on it.</summary>
public class LayerTests
{
    [Theory]
    [InlineData("wrn-10-2")]
    [InlineData("resnet-8")]
    [InlineData("mobilenet-0.25")]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    [InlineData("refilled-wrn-10-1")]
    [InlineData("resnet-18")]
    [InlineData("resnet-50-imagenet")]
    [InlineData("mobilenet-v2-0.35")]
    [InlineData("mobilenet-v3-small")]
    public void Walking_the_layers_gives_embedding_and_logits(string name)
    {
        Processor.MustCompute(name);
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name,
            new NetworkOptions(5) { Input = InputSpec.Square(45, Refilled.Data.ChannelStatistics.ImageNet), Dropout = 0.3, Seed = 2 });
        var images = Numbers.Range(0, 3 * 3 * 45 * 45).Modulo(251).to(ScalarType.Byte).view(3, 3, 45, 45);
        network.train();
        network.Observe(images, Needs.Embedding); // so that running statistics aren't 0 and 1
        network.eval();

        var outputs = new Dictionary<NetworkLayer, Tensor>();
        foreach (var layer in network.Layers)
            outputs[layer] = layer is ImagesLayer
                ? network.Input.Apply(images, CPU, Layout.Nchw)
                : Walked(layer, layer.Inputs.Select(input => outputs[input]).ToList());

        var signals = network.Observe(images, Needs.Embedding | Needs.Logits);
        var last = Assert.IsType<LinearLayer>(network.Layers[^1]);
        foreach (var (expected, found) in new[] { (signals.Embedding, outputs[last.Inputs[0]]), (signals.Logits, outputs[last]) })
            Assert.InRange((expected - found).abs().max().item<float>(), 0, 1e-5f * Math.Max(1, expected.abs().max().item<float>()));
    }

    [Fact]
    public void A_network_of_the_callers_has_no_layers()
    {
        using var network = new PixelNetwork(2);
        Assert.Empty(network.Layers);
    }

    private static Tensor Walked(NetworkLayer layer, List<Tensor> inputs) => layer switch
    {
        ConvolutionLayer own => nn.functional.conv2d(inputs[0], own.Weight, own.Bias, strides: [own.Stride, own.Stride],
            padding: [own.Padding, own.Padding], groups: own.Groups),
        BatchNormLayer own => ((inputs[0] - Column(own.Mean)) / Column(own.Variance.Plus(own.Epsilon).sqrt()) * Column(own.Weight))
            .Plus(Column(own.Bias)),
        ActivationLayer own => Limited(where(inputs[0].Above(0), inputs[0], inputs[0].Times(own.Slope)), own.Most),
        HardSigmoidLayer => Gate(inputs[0]),
        HardSwishLayer => inputs[0] * Gate(inputs[0]),
        ChannelMeanLayer => inputs[0].flatten(2).mean([2]).unsqueeze(2).unsqueeze(3),
        GatedLayer => inputs[0] * inputs[1].expand_as(inputs[0]),
        DropoutLayer => inputs[0],
        MaxPoolLayer own => nn.functional.max_pool2d(
            nn.functional.pad(inputs[0], [own.Padding, own.Padding, own.Padding, own.Padding], value: -1e30), [own.Size, own.Size],
            [own.Stride, own.Stride]),
        EverySecondLayer own => nn.functional.pad(inputs[0][TensorIndex.Ellipsis, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)],
            [0, 0, 0, 0, own.Before, own.After]),
        SumLayer => inputs[0].Plus(inputs[1]),
        ReadoutLayer { How: Readout.Averaged } => inputs[0].mean([2, 3]),
        ReadoutLayer { How: Readout.MaxPooled } => inputs[0].flatten(2).max(2).values,
        ReadoutLayer { How: Readout.Flattened } => inputs[0].flatten(1),
        LinearLayer own => inputs[0].matmul(own.Weight.transpose(0, 1)).Plus(own.Bias),
        _ => throw new NotSupportedException(layer.GetType().Name),
    };

    private static Tensor Limited(Tensor x, double most) =>
        double.IsPositiveInfinity(most) ? x : where(x.Above(most), zeros_like(x).Plus(most), x);

    private static Tensor Gate(Tensor x) => Limited(x.Plus(3).Over(6).AtLeast(0), 1);

    private static Tensor Column(Tensor ofChannels) => ofChannels.view(1, -1, 1, 1);
}
