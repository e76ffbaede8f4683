using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

/// <summary>What is special about ConvNet-4 and ResNet-12; what holds for every family is tested with the others.</summary>
public class FewShotNetworkTests
{
    private static Tensor Images(int count, int side)
    {
        using var generator = new Generator(2);
        return randint(0, 256, [count, 3, side, side], ScalarType.Byte, generator: generator);
    }

    private static NetworkOptions Options(int side) => new(7) { Input = InputSpec.Square(side, ChannelStatistics.Cifar100), Seed = 4 };

    [Theory]
    [InlineData("convnet-4", 32, 64)]
    [InlineData("convnet-4-flat", 32, 256)]
    [InlineData("convnet-4-flat", 84, 1600)]
    public void A_ConvNet_has_four_convolutions_of_64_channels(string name, int side, int embedding)
    {
        using var network = NetworkCatalog.Create(name, Options(side));
        const int convolutions = 3 * 64 * 9 + 3 * (64 * 64 * 9), norms = 4 * 2 * 64;
        Assert.Equal(112_832, convolutions + norms);
        Assert.Equal(112_832 + 7 * (embedding + 1), network.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [InlineData("resnet-12", new[] { 64, 160, 320, 640 }, 12_424_320)]
    [InlineData("resnet-12-0.5", new[] { 32, 80, 160, 320 }, 3_108_928)]
    public void A_ResNet_12_has_four_convolutions_and_norms_in_each_block(string name, int[] widths, int expected)
    {
        using var network = NetworkCatalog.Create(name, Options(32));
        var (count, inputs) = (0, 3);
        foreach (var width in widths)
        {
            count += 9 * inputs * width + 2 * (9 * width * width) + inputs * width + 4 * 2 * width;
            inputs = width;
        }
        Assert.Equal(expected, count);
        Assert.Equal(count + 7 * (widths[^1] + 1), network.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    public void Images_that_four_halvings_leave_nothing_of_are_refused(string name)
    {
        var message = Assert.Throws<InputException>(() => NetworkCatalog.Create(name, Options(15))).Message;
        Assert.Equal($"The network {name} halves its images 4 times, so they must have at least 16×16 pixels; these have 15×15.", message);
        var wide = Options(32) with { Input = InputSpec.Cifar with { Height = 8 } };
        Assert.Contains("these have 32×8", Assert.Throws<InputException>(() => NetworkCatalog.Create(name, wide)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resnet-12-1", "resnet-12")]
    [InlineData("resnet-12-1.0", "resnet-12")]
    [InlineData("resnet-12-0.50", "resnet-12-0.5")]
    public void One_network_has_one_name(string name, string expected)
    {
        using var network = NetworkCatalog.Create(name, new NetworkOptions(2));
        Assert.Equal(expected, network.Architecture);
    }

    // The embedding, by loops over the last map.
    [Theory]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    public void The_embedding_is_made_of_the_last_map(string name)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name, Options(36) with { Input = InputSpec.Cifar with { Height = 36, Width = 52 } });
        var signals = network.Observe(Images(2, 40), Needs.Embedding | Needs.FeatureMaps);
        var map = signals.FeatureMaps[^1];
        Assert.Equal([2L, 3], map.shape[2..]);
        for (var image = 0; image < 2; image++)
            for (var channel = 0; channel < map.shape[1]; channel++)
            {
                var pixels = Enumerable.Range(0, 6).Select(i => map[image, channel, i / 3, i % 3].item<float>()).ToList();
                var read = name == "convnet-4" ? pixels.Max() : pixels.Average();
                if (name == "convnet-4-flat")
                    for (var i = 0; i < 6; i++) Assert.Equal(pixels[i], signals.Embedding[image, 6 * channel + i].item<float>());
                else
                    Assert.Equal(read, signals.Embedding[image, channel].item<float>(), 1e-5f);
            }
    }

    // Written from the papers, in their order: the activation before the pooling.
    [Fact]
    public void A_block_of_a_ConvNet_is_convolution_norm_ReLU_and_pooling()
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("convnet-4", Options(37));
        var weights = network.state_dict();
        var images = Images(3, 37);
        var found = network.Observe(images, Needs.FeatureMaps).FeatureMaps;
        var x = network.Input.Apply(images, CPU);
        for (var i = 0; i < 4; i++)
        {
            var normalised = Norm(nn.functional.conv2d(x, weights[$"blocks.{i}.conv.weight"], padding: [1, 1]));
            x = nn.functional.max_pool2d(nn.functional.relu(normalised), [2, 2], [2, 2]);
            Assert.InRange((x - found[i]).abs().max().Number(), 0, 1e-4);
        }
    }

    [Fact]
    public void A_block_of_a_ResNet_12_is_three_convolutions_beside_a_fourth()
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create("resnet-12-0.125", Options(37));
        var weights = network.state_dict();
        var images = Images(3, 37);
        var found = network.Observe(images, Needs.FeatureMaps).FeatureMaps;
        var x = network.Input.Apply(images, CPU);
        Tensor Leaky(Tensor y) => where(y.Above(0), y, y.Times(0.1));
        for (var i = 0; i < 4; i++)
        {
            Tensor Convolved(Tensor input, string part) =>
                Norm(nn.functional.conv2d(input, weights[$"layers.{i}.{part}.weight"], padding: part == "shortcut" ? [0, 0] : [1, 1]));
            var residual = Convolved(Leaky(Convolved(Leaky(Convolved(x, "conv1")), "conv2")), "conv3");
            x = nn.functional.max_pool2d(Leaky(residual.Plus(Convolved(x, "shortcut"))), [2, 2], [2, 2]);
            Assert.InRange((x - found[i]).abs().max().Number(), 0, 1e-4);
        }
    }

    /// <summary>A fresh batch norm in training mode.</summary>
    private static Tensor Norm(Tensor x)
    {
        var centred = x - x.mean([0, 2, 3], keepdim: true);
        return centred / centred.Squared().mean([0, 2, 3], keepdim: true).Plus(1e-5).sqrt();
    }
}
