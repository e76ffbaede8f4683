using Refilled.Networks;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

public class NetworkTests
{
    private static Tensor Images(int count = 4, int size = 32)
    {
        using var generator = new Generator(1);
        return randint(0, 256, [count, 3, size, size], ScalarType.Byte, generator: generator);
    }

    [Theory]
    [InlineData("wrn-16-1", 64)]
    [InlineData("wrn-10-2", 128)]
    public void Only_what_is_asked_for_is_read(string name, int size)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name, new NetworkOptions(7));
        var all = network.Observe(Images(), Needs.Embedding | Needs.Logits | Needs.FeatureMaps);
        Assert.Equal([4L, size], all.Embedding.shape);
        Assert.Equal([4L, 7], all.Logits.shape);
        Assert.Equal([[4L, size / 4, 32, 32], [4L, size / 2, 16, 16], [4L, size, 8, 8]], all.FeatureMaps.Select(map => map.shape));
        var some = network.Observe(Images(), Needs.Logits);
        Assert.Throws<InvalidOperationException>(() => some.Embedding);
        Assert.Throws<InvalidOperationException>(() => some.FeatureMaps);
    }

    // Counted by hand from the architecture: convolutions without bias, batch norms, classifier.
    [Theory]
    [InlineData("wrn-16-1", 100, 180_916)]
    [InlineData("wrn-16-2", 100, 703_284)]
    [InlineData("wrn-40-2", 100, 2_255_156)]
    public void The_number_of_weights_is_the_papers(string name, int classes, int expected)
    {
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name, new NetworkOptions(classes));
        Assert.Equal(expected, network.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void The_seed_decides_the_weights()
    {
        using var scope = NewDisposeScope();
        Tensor Logits(long seed)
        {
            var network = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(5) { Seed = seed });
            network.eval();
            return network.Observe(Images(), Needs.Logits).Logits;
        }
        Assert.True(Logits(1).equal(Logits(1)).all().item<bool>());
        Assert.False(Logits(1).equal(Logits(2)).all().item<bool>());
    }

    [Fact]
    public void Bf16_is_near_fp32_and_both_train_every_weight()
    {
        using var scope = NewDisposeScope();
        var fp32 = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(5));
        var bf16 = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(5) { Precision = Precision.Bf16 });
        var (a, b) = (fp32.Observe(Images(), Needs.Logits).Logits, bf16.Observe(Images(), Needs.Logits).Logits);
        Assert.Equal(ScalarType.Float32, b.dtype);
        Assert.True((a - b).abs().max().Number() < 0.05 * a.abs().max().Number());
        foreach (var (network, logits) in new[] { (fp32, a), (bf16, b) })
        {
            logits.Squared().sum().backward();
            Assert.All(network.named_parameters(),
                p => Assert.True(p.parameter.grad is { } g && g.dtype == ScalarType.Float32 && g.abs().sum().Number() > 0, p.name));
        }
    }

    [Fact]
    public void A_saved_network_is_the_same_network()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var network = NetworkCatalog.Create("wrn-10-1",
                new NetworkOptions(3) { Precision = precision, Input = InputSpec.Cifar with { Height = 24, Width = 28 }, Seed = 9 });
            network.Observe(Images(), Needs.Logits); // moves the batch norms' statistics
            network.eval();
            NetworkFile.Save(folder["n.safetensors"], new TrainedNetwork(network, ["a", "ü", "c,d"]));
            var read = NetworkFile.Load(folder["n.safetensors"], precision);
            read.Network.eval();
            Assert.Equal(["a", "ü", "c,d"], read.ClassNames);
            Assert.Equal(network.Input, read.Network.Input);
            Assert.True(network.Observe(Images(), Needs.Logits).Logits
                .equal(read.Network.Observe(Images(), Needs.Logits).Logits).all().item<bool>());
        }
    }

    [Fact]
    public void Files_of_other_networks_are_refused()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Safetensors.Write(folder["other"], [KeyValuePair.Create("x", ones(1))]);
        Assert.Contains("no network file of Refilled",
            Assert.Throws<InputException>(() => NetworkFile.Load(folder["other"], Precision.Fp32)).Message, StringComparison.Ordinal);

        NetworkFile.Save(folder["n"], new TrainedNetwork(NetworkCatalog.Create("wrn-10-1", new NetworkOptions(3)), ["a", "b", "c"]));
        using var file = Safetensors.Read(folder["n"]);
        string Input(string height = "32", string std = "[0.2,0.2,0.2]") =>
            $$"""{"Height":{{height}},"Width":32,"Mean":[0.5,0.5,0.5],"Std":{{std}}}""";
        const string three = "[\"a\",\"b\",\"c\"]";
        var damages = new[]
        {
            ("wrn-16-1", three, Input(), "more weights"),
            ("wrn-994-999", three, Input(), "more weights"),
            ("resnet-9998", three, Input(), "more weights"),
            ("wrn-10-2", three, Input(), "more weights"),
            ("mobilenet-0.25", three, Input(), "missing"),
            ("nobody", three, Input(), "There is no network"),
            ("wrn-10-1", "[\"a\",\"b\"]", Input(), "expected [2, 64]"),
            ("wrn-10-1", "a", Input(), "damaged network file"),
            ("wrn-10-1", "null", Input(), "'classes' is null"),
            ("wrn-10-1", "[\"a\",null,\"c\"]", Input(), "no names of classes"),
            ("wrn-10-1", "[]", Input(), "no names of classes"),
            ("wrn-10-1", "[\"a\",\"b\",\"a\"]", Input(), "'a' stands twice"),
            ("wrn-10-1", three, Input(height: "3100000"), "sides are from"),
            ("wrn-10-1", three, Input(height: "0"), "sides are from"),
            ("wrn-10-1", three, Input(std: "[0.2,0.2]"), "means and deviations"),
            ("wrn-10-1", three, Input(std: "[0.2,0,0.2]"), "means and deviations"),
            ("wrn-10-1", three, Input(std: "null"), "means and deviations"),
            ("wrn-10-1", three, "null", "'input' is null"),
        };
        foreach (var (architecture, classes, input, message) in damages)
        {
            var metadata = file.Metadata.Where(pair => pair.Key != Seal.Key).ToDictionary();
            (metadata["architecture"], metadata["classes"], metadata["input"]) = (architecture, classes, input);
            Safetensors.Write(folder["m"], file.Tensors, metadata);
            Assert.Contains(message, Assert.Throws<InputException>(() => NetworkFile.Load(folder["m"], Precision.Fp32)).Message,
                StringComparison.Ordinal);
        }
        Safetensors.Write(folder["m"], file.Tensors,
            new Dictionary<string, string>(file.Metadata) { ["classes"] = "[\"a\",\"b\",\"d\"]" });
        Assert.Contains("checksum", Assert.Throws<InputException>(() => NetworkFile.Load(folder["m"], Precision.Fp32)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_input_specification_scales_resizes_and_normalises()
    {
        using var scope = NewDisposeScope();
        var spec = new InputSpec(32, 32, [0.5, 0.25, 0], [0.5, 0.25, 1]);
        var images = Images(2);
        var expected = (images.to(ScalarType.Float64).Over(255) - tensor(new[] { 0.5, 0.25, 0 }).view(1, 3, 1, 1))
            / tensor(new[] { 0.5, 0.25, 1 }).view(1, 3, 1, 1);
        Assert.True((spec.Apply(images, CPU) - expected).abs().max().Number() < 1e-6);
        Assert.Equal([2L, 3, 16, 64], (spec with { Height = 16, Width = 64 }).Apply(images, CPU).shape);
        var gray = Numbers.Full([1, 3, 10, 10], 51, ScalarType.Byte, CPU);
        Assert.True((spec with { Height = 7, Width = 13 }).Apply(gray, CPU).select(1, 2).Plus(-0.2).abs().max().Number() < 1e-6);
        Assert.Throws<ArgumentException>(() => spec.Apply(Images().narrow(1, 0, 1), CPU));
    }

    [Theory]
    [InlineData("wrn-16-l", "Did you mean 'wrn-16-1'?")]
    [InlineData("resnet", "There is no network 'resnet'")]
    [InlineData("wrn-17-1", "depth is 6n + 4")]
    [InlineData("wrn-16-0", "width at least 1. Did you mean 'wrn-16-1'?")]
    [InlineData("resnet18", "Did you mean 'resnet-18'?")]
    [InlineData("resnet-19", "depth is 6n + 2 (8, 14, 20, 32, 44, 56, 110 …); for photos there are resnet-18, resnet-34 and "
        + "resnet-50-imagenet.")]
    [InlineData("resnet-101-imagenet", "of ResNets for photos there are resnet-18, resnet-34 and resnet-50-imagenet.")]
    [InlineData("ResNet50", "Did you mean 'resnet-50-imagenet'?")]
    [InlineData("resnet12", "Did you mean 'resnet-12'?")]
    [InlineData("mobilenet", "Did you mean 'mobilenet-1.0'?")]
    [InlineData("mobilenetv2", "Did you mean 'mobilenet-v2'?")]
    [InlineData("mobilenet_v2_0.5", "Did you mean 'mobilenet-v2-0.5'?")]
    [InlineData("mobilenet_v3_large", "Did you mean 'mobilenet-v3-small'?")]
    [InlineData("mobilenet-v2-9", "width is from 0.05 to 4")]
    [InlineData("refilled-wrn-11-1", "depth is 6n + 4")]
    [InlineData("efficientnet-b0", "Did you mean 'mobilenet-1.0'?")]
    [InlineData("vgg16", "Did you mean 'wrn-16-2'?")]
    [InlineData("wrn", "Did you mean 'wrn-16-1'?")]
    [InlineData("wrn-16", "Did you mean 'wrn-16-1'?")]
    [InlineData("WRN28x10", "Did you mean 'wrn-28-10'?")]
    [InlineData("wide_resnet50_2", "Did you mean 'wrn-40-2'?")]
    [InlineData("conv4", "Did you mean 'convnet-4'?")]
    public void Unknown_networks_are_refused_with_one_for_the_purpose(string name, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => NetworkCatalog.Create(name, new NetworkOptions(2))).Message,
            StringComparison.Ordinal);
}
