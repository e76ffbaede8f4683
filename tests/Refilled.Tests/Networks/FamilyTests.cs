using Refilled.Networks;
using Refilled.Networks.Layers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

/// <summary>What holds for every family of networks.</summary>
public class FamilyTests
{
    public static TheoryData<string> Small => ["wrn-10-1", "resnet-8", "mobilenet-0.25", "convnet-4", "convnet-4-flat", "resnet-12-0.25",
        "refilled-wrn-10-1", "mobilenet-v2-0.25"];

    // He et al. give 0.27 and 1.7 million for ten classes; Howard et al. 4.2 million (1.0) and 0.5 (0.25) for a thousand.
    [Theory]
    [InlineData("resnet-20", 10, 269_722)]
    [InlineData("resnet-110", 10, 1_727_962)]
    [InlineData("mobilenet-1.0", 1000, 4_231_976)]
    [InlineData("mobilenet-0.25", 1000, 470_072)]
    [InlineData("wrn-16-1", 10, 175_066)]
    // torchvision's own counts.
    [InlineData("resnet-18", 1000, 11_689_512)]
    [InlineData("resnet-34", 1000, 21_797_672)]
    [InlineData("resnet-50-imagenet", 1000, 25_557_032)]
    [InlineData("mobilenet-v2", 1000, 3_504_872)]
    [InlineData("mobilenet-v3-small", 1000, 2_542_856)]
    public void Networks_have_their_published_size(string name, int classes, long parameters)
    {
        using var network = NetworkCatalog.Create(name, new NetworkOptions(classes));
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(name, network.Architecture);
    }

    [Fact]
    public void Every_name_of_the_catalogue_can_be_made()
    {
        foreach (var name in NetworkCatalog.Names.Where(name => name != "wrn-28-10"))
        {
            using var network = NetworkCatalog.Create(name, new NetworkOptions(3));
            Assert.Equal(name, network.Architecture);
        }
    }

    [Theory]
    [InlineData("resnet-21", "depth is 6n + 2")]
    [InlineData("resnet-2", "depth is 6n + 2")]
    [InlineData("mobilenet-0", "from 0.05 to 4")]
    [InlineData("mobilenet-9.9", "from 0.05 to 4")]
    [InlineData("resnet-12-0", "from 0.05 to 4")]
    [InlineData("resnet-12-9", "from 0.05 to 4")]
    [InlineData("resnet-12-", "Did you mean 'resnet-12'")]
    [InlineData("convnet-6", "has 4 blocks. Did you mean 'convnet-4'")]
    [InlineData("convnet-3-flat", "has 4 blocks. Did you mean 'convnet-4-flat'")]
    [InlineData("mobilenet-v2-0", "from 0.05 to 4")]
    [InlineData("mobilenet-v2-", "Did you mean 'mobilenet-v2'")]
    [InlineData("convnet", "Did you mean 'convnet-4'")]
    [InlineData("mobilenet", "Did you mean 'mobilenet-")]
    [InlineData("resnet-20\n", "There is no network")]
    public void Other_names_are_refused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => NetworkCatalog.Check(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("resnet-8", 32, 64, new long[] { 16, 32, 64 }, new long[] { 32, 16, 8 })]
    [InlineData("resnet-8", 45, 64, new long[] { 16, 32, 64 }, new long[] { 45, 23, 12 })]
    [InlineData("mobilenet-0.5", 64, 512, new long[] { 128, 256, 512 }, new long[] { 8, 4, 2 })]
    [InlineData("mobilenet-0.25", 32, 256, new long[] { 64, 128, 256 }, new long[] { 4, 2, 1 })]
    [InlineData("convnet-4", 32, 64, new long[] { 64, 64, 64, 64 }, new long[] { 16, 8, 4, 2 })]
    [InlineData("convnet-4", 84, 64, new long[] { 64, 64, 64, 64 }, new long[] { 42, 21, 10, 5 })]
    [InlineData("convnet-4-flat", 32, 256, new long[] { 64, 64, 64, 64 }, new long[] { 16, 8, 4, 2 })]
    [InlineData("convnet-4-flat", 84, 1600, new long[] { 64, 64, 64, 64 }, new long[] { 42, 21, 10, 5 })]
    [InlineData("convnet-4-flat", 16, 64, new long[] { 64, 64, 64, 64 }, new long[] { 8, 4, 2, 1 })]
    [InlineData("resnet-12", 32, 640, new long[] { 64, 160, 320, 640 }, new long[] { 16, 8, 4, 2 })]
    [InlineData("resnet-12-0.5", 84, 320, new long[] { 32, 80, 160, 320 }, new long[] { 42, 21, 10, 5 })]
    [InlineData("refilled-wrn-10-2", 32, 128, new long[] { 32, 64, 128 }, new long[] { 32, 16, 8 })]
    [InlineData("resnet-18", 64, 512, new long[] { 64, 128, 256, 512 }, new long[] { 16, 8, 4, 2 })]
    [InlineData("resnet-50-imagenet", 45, 2048, new long[] { 256, 512, 1024, 2048 }, new long[] { 12, 6, 3, 2 })]
    [InlineData("mobilenet-v2-0.5", 64, 1280, new long[] { 16, 48, 160 }, new long[] { 8, 4, 2 })]
    [InlineData("mobilenet-v3-small", 64, 1024, new long[] { 24, 48, 96 }, new long[] { 8, 4, 2 })]
    [InlineData("wrn-10-1", 84, 64, new long[] { 16, 32, 64 }, new long[] { 84, 42, 21 })]
    public void Signals_have_the_documented_shapes_at_any_size(string name, int side, int embedding, long[] channels, long[] sides)
    {
        using var scope = NewDisposeScope();
        using var network = NetworkCatalog.Create(name,
            new NetworkOptions(5) { Input = InputSpec.Square(side, Refilled.Data.ChannelStatistics.ImageNet) });
        var signals = network.Observe(randint(0, 256, [2, 3, side, side], ScalarType.Byte),
            Needs.Embedding | Needs.Logits | Needs.FeatureMaps);
        Assert.Equal([2L, embedding], signals.Embedding.shape);
        Assert.Equal([2L, 5], signals.Logits.shape);
        Assert.Equal(channels, signals.FeatureMaps.Select(map => map.shape[1]));
        Assert.Equal(sides, signals.FeatureMaps.Select(map => map.shape[2]));
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void Weights_are_a_function_of_the_seed_and_channels_last(string name)
    {
        using var scope = NewDisposeScope();
        EmbeddingNetwork Make(long seed) => NetworkCatalog.Create(name, new NetworkOptions(3) { Seed = seed });
        var (a, b, other) = (Make(1).state_dict(), Make(1).state_dict(), Make(2).state_dict());
        Assert.All(a, pair => Assert.True(pair.Value.eq(b[pair.Key]).all().item<bool>(), pair.Key));
        Assert.Contains(a, pair => !pair.Value.eq(other[pair.Key]).all().item<bool>());
        Assert.All(a.Values.Where(tensor => tensor.dim() == 4), tensor => Assert.True(tensor.permute(0, 2, 3, 1).is_contiguous()));
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void Bf16_is_close_to_fp32(string name)
    {
        Processor.MustCompute(name);
        using var scope = NewDisposeScope();
        Signals Read(Precision precision)
        {
            var network = NetworkCatalog.Create(name, new NetworkOptions(5) { Precision = precision, Seed = 3 });
            network.eval(); // Batch norm of two images with one pixel each would decide everything.
            return network.Observe(Numbers.Range(0, 2 * 3 * 32 * 32).Modulo(251).to(ScalarType.Byte).view(2, 3, 32, 32), Needs.Embedding);
        }
        var (exact, rough) = (Read(Precision.Fp32).Embedding, Read(Precision.Bf16).Embedding);
        Assert.Equal(ScalarType.Float32, rough.dtype);
        Assert.InRange(((exact - rough).norm() / exact.norm()).item<float>(), 0, 0.1f);
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void A_few_steps_lower_the_loss(string name)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name, new NetworkOptions(4) { Seed = 1 });
        var images = Numbers.Range(0, 16 * 3 * 32 * 32).Modulo(253).to(ScalarType.Byte).view(16, 3, 32, 32);
        var labels = Numbers.Range(0, 16).Modulo(4);
        using var optimizer = new PlainSgd(network.parameters(), 0.05, 0.9, 0);
        var losses = Enumerable.Range(0, 30).Select(_ =>
        {
            optimizer.ZeroGrad();
            var loss = nn.functional.cross_entropy(network.Observe(images, Needs.Logits).Logits, labels);
            loss.backward();
            optimizer.Step();
            return loss.item<float>();
        }).ToList();
        Assert.InRange(losses[^1], 0, losses[0] * 0.7f);
        Assert.All(network.named_parameters(), pair => Assert.True(pair.parameter.grad is not null, $"{pair.name} has no gradient"));
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void A_network_comes_back_from_its_file(string name)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var network = NetworkCatalog.Create(name,
            new NetworkOptions(3) { Seed = 5, Input = InputSpec.Square(48, Refilled.Data.ChannelStatistics.ImageNet) });
        network.eval();
        NetworkFile.Save(folder["n"], new TrainedNetwork(network, ["a", "b", "c"]));
        var read = NetworkFile.Load(folder["n"], Precision.Fp32).Network;
        read.eval();
        var images = randint(0, 256, [2, 3, 48, 48], ScalarType.Byte);
        Assert.Equal((name, network.Input), (read.Architecture, read.Input));
        Assert.True(network.forward(images).eq(read.forward(images)).all().item<bool>());
    }

    // Option A by loops: every second pixel, and the old channels in the middle of the new ones.
    [Fact]
    public void The_shortcut_of_a_resnet_has_no_parameters()
    {
        using var scope = NewDisposeScope();
        using var network = NetworkCatalog.Create("resnet-8", new NetworkOptions(2));
        Assert.Equal([(8, 8), (16, 16)], network.Layers.OfType<EverySecondLayer>().Select(layer => (layer.Before, layer.After)));
        var input = rand(1, 2, 5, 7);
        var output = new EverySecondLayer(network.Layers[0], 1, 1).Run([input], default);
        Assert.Equal([1L, 4, 3, 4], output.shape);
        for (var y = 0; y < 3; y++)
            for (var x = 0; x < 4; x++)
                for (var c = 0; c < 4; c++)
                    Assert.Equal(c is 1 or 2 ? input[0, c - 1, 2 * y, 2 * x].item<float>() : 0, output[0, c, y, x].item<float>(), 1e-6f);
    }
}
