using Refilled.Networks;
using Refilled.Networks.Layers;
using Refilled.Teachers;
using Refilled.Tests.Support;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Tests.Teachers;

/// <summary>Weights that PyTorch saved are networks of the catalogue.</summary>
public sealed class PyTorchTeacherTests : IDisposable
{
    private static readonly TeacherOptions Options = new(CPU, Precision.Fp32);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static Teacher Open(string path) => Teacher.Open(Teacher.Find(path), Options);

    private string Written(string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        File.WriteAllBytes(folder[name], TorchFiles.Zip(TorchFiles.Members(tensors)));
        return folder[name];
    }

    private static Dictionary<string, Tensor> State(string architecture, Func<string, string>? name = null, int classes = 4) =>
        NetworkCatalog.Create(architecture, new NetworkOptions(classes) { Seed = 3 }).state_dict()
            .Where(pair => pair.Value.dtype == ScalarType.Float32)
            .ToDictionary(pair => (name ?? (own => own))(pair.Key), pair => pair.Value);

    /// <summary>What the layers make of images that are normalised already.</summary>
    private static Signals Walked(EmbeddingNetwork network, Tensor images)
    {
        network.eval();
        using var _ = no_grad();
        var outputs = new Dictionary<NetworkLayer, Tensor>();
        foreach (var layer in network.Layers)
            outputs[layer] = layer is ImagesLayer ? images
                : layer.Run([.. layer.Inputs.Select(input => outputs[input])], new LayerMode(false));
        return new Signals(outputs[network.Layers[^1].Inputs[0]], outputs[network.Layers[^1]]);
    }

    private static void Near(Tensor expected, Tensor found, double tolerance = 1e-4)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange((expected - found).abs().max().Number() / expected.abs().max().Number(), 0, tolerance);
    }

    [Theory]
    [InlineData("wrn-10-1.pth", "wrn-10-1", "refilled-wrn-10-1", 1e-4)]
    [InlineData("wrn-10-1.legacy.pth", "wrn-10-1", "refilled-wrn-10-1", 1e-4)]
    [InlineData("wrn-10-1.checkpoint.pth", "wrn-10-1", "refilled-wrn-10-1", 1e-4)]
    [InlineData("wrn-10-1.safetensors", "wrn-10-1", "refilled-wrn-10-1", 1e-4)]
    [InlineData("mobilenet-0.25.pth", "mobilenet-0.25", "mobilenet-0.25", 1e-4)]
    // Of weights that were rounded to eight bits.
    [InlineData("wrn-10-1.bf16.safetensors", "wrn-10-1", "refilled-wrn-10-1", 0.02)]
    public void Files_of_PyTorch_give_what_PyTorch_gave(string file, string expected, string architecture, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var answers = Safetensors.Read(Repository.Shared("fixtures", "pytorch", $"{expected}.expected.safetensors"));
        using var opened = Open(Repository.Shared("fixtures", "pytorch", file));
        Assert.Equal((architecture, 10), (opened.Name, opened.ClassNames.Count));
        var signals = Walked(opened.Trained.Network, answers.Tensors["images"]);
        Near(answers.Tensors["embedding"], signals.Embedding, tolerance);
        Near(answers.Tensors["logits"], signals.Logits, tolerance);
        // With batch norms folded, too.
        opened.Trained.Network.Freeze();
        Near(answers.Tensors["logits"], Walked(opened.Trained.Network, answers.Tensors["images"]).Logits, tolerance);
    }

    [Theory]
    [InlineData("resnet-18")]
    [InlineData("refilled-wrn-16-2")]
    [InlineData("wrn-10-2")]
    [InlineData("resnet-8")]
    [InlineData("resnet-12-0.25")]
    [InlineData("mobilenet-0.5")]
    [InlineData("convnet-4")]
    public void Our_own_names_are_known(string architecture)
    {
        using var scope = NewDisposeScope();
        var state = State(architecture);
        using var opened = Open(Written("weights.pth", state));
        Assert.Equal(architecture, opened.Name);
        foreach (var (name, tensor) in opened.Trained.Network.state_dict().Where(pair => state.ContainsKey(pair.Key)))
            Assert.True(tensor.equal(state[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData("mobilenet-v2")]
    [InlineData("mobilenet-v2-0.35")]
    [InlineData("mobilenet-v2-1.4")]
    public void A_MobileNetV2_is_known_by_its_channels(string architecture)
    {
        using var scope = NewDisposeScope();
        using var opened = Open(Written("weights.pt",
            State(architecture, own => "module." + own.Replace("fc.", "classifier.1.", StringComparison.Ordinal))));
        Assert.Equal((architecture, 224, 0.485), (opened.Name, opened.Input!.Height, opened.Input.Mean[0]));
        Assert.Contains("so they have numbers", Assert.Single(opened.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_MobileNetV3_has_a_hidden_layer()
    {
        using var scope = NewDisposeScope();
        using var opened = Open(Written("weights.pth", State("mobilenet-v3-small", own => own
            .Replace("fc.", "classifier.3.", StringComparison.Ordinal).Replace("hidden.", "classifier.0.", StringComparison.Ordinal))));
        Assert.Equal("mobilenet-v3-small", opened.Name);
    }

    [Fact]
    public void What_lies_beside_a_file_says_what_it_is_for()
    {
        using var scope = NewDisposeScope();
        folder.Write("weights.teacher.yaml",
            "size: 48\nmean: [0.1, 0.2, 0.3]\nstd: [0.4, 0.5, 0.6]\nchannels: bgr\nclasses: [a, b, c, d]\narchitecture: wrn-10-1\n");
        var state = State("wrn-10-1");
        using var opened = Open(Written("weights.pth", state));
        Assert.Equal(new InputSpec(48, 48, [0.3, 0.2, 0.1], [0.6, 0.5, 0.4]), opened.Input);
        Assert.Equal(["a", "b", "c", "d"], opened.ClassNames);
        Assert.Empty(opened.Notes);
        // Blue, green, red for the network, red, green, blue for us: the same answer.
        using var plain = NetworkCatalog.Create("wrn-10-1", new NetworkOptions(4) { Seed = 3 });
        var images = rand(2, 3, 48, 48);
        Near(Walked(plain, images.flip(1)).Logits, Walked(opened.Trained.Network, images).Logits);
    }

    [Fact]
    public void Without_it_what_is_assumed_is_told()
    {
        using var scope = NewDisposeScope();
        using var opened = Open(Written("weights.pth", State("wrn-10-1")));
        Assert.Equal(InputSpec.Cifar, opened.Input);
        Assert.Equal(["class #0", "class #1", "class #2", "class #3"], opened.ClassNames);
        Assert.Contains("images of 32×32 pixels with CIFAR-100's means and deviations are assumed", opened.Notes[0],
            StringComparison.Ordinal);
        Assert.Contains("'weights.teacher.yaml' beside it", opened.Notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_may_be_named_behind_the_file()
    {
        using var scope = NewDisposeScope();
        var path = Written("weights.pth", State("wrn-10-1"));
        using (var opened = Open(path + "#wrn-10-1")) Assert.Equal("wrn-10-1", opened.Name);
        Assert.Contains("as a wrn-16-1 with the names of Refilled's own, doesn't fit the network: 30 missing (",
            Assert.Throws<InputException>(() => Open(path + "#wrn-16-1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_tensors_are_counted()
    {
        using var scope = NewDisposeScope();
        var state = State("wrn-10-1");
        foreach (var gone in new[] { "bn.weight", "bn.bias", "layers.0.0.bn1.weight", "layers.0.0.bn1.bias", "layers.1.0.conv2.weight" })
            state.Remove(gone);
        state["layers.2.0.bn1.weight"] = ones(5);
        state["extra"] = ones(2, 2);
        var message = Assert.Throws<InputException>(() => Open(Written("weights.pth", state) + "#wrn-10-1")).Message;
        Assert.Contains("5 missing (", message, StringComparison.Ordinal);
        Assert.Contains(" …); 1 unexpected (extra); 1 of another shape (layers.2.0.bn1.weight is [5], expected [32]).", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Several_sets_of_weights_are_named()
    {
        using var scope = NewDisposeScope();
        var state = State("convnet-4");
        void Weights(TorchPickle p) => p.Dictionary([.. state.Index().Select(one =>
            (one.Item.Key, (Action<TorchPickle>)(q => q.Tensor($"{one.Index}", one.Item.Value.shape))))]);
        var members = TorchFiles.Members(state);
        members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary(("model", Weights), ("ema", Weights), ("epoch", v => v.Number(3)),
            ("optimizer", v => v.Dictionary(("state", w => w.Dictionary(("0", Weights)))))));
        File.WriteAllBytes(folder["two.pth"], TorchFiles.Zip(members));
        Assert.Contains("holds several sets of weights: model (22 tensors), ema (22 tensors). Name one: '",
            Assert.Throws<InputException>(() => Open(folder["two.pth"])).Message, StringComparison.Ordinal);
        using (var opened = Open(folder["two.pth"] + "#ema")) Assert.Equal("convnet-4", opened.Name);
        members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary(("net", Weights), ("best", v => v.Number(3))));
        File.WriteAllBytes(folder["one.pth"], TorchFiles.Zip(members));
        foreach (var named in new[] { "", "#net", "#convnet-4" })
            using (var opened = Open(folder["one.pth"] + named)) Assert.Equal("convnet-4", opened.Name);
        Assert.Contains("There is no network 'ema'", Assert.Throws<InputException>(() => Open(folder["one.pth"] + "#ema")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_before_PyTorch_1_6_may_hold_more_than_weights()
    {
        using var scope = NewDisposeScope();
        var state = State("convnet-4");
        List<byte[]> storages = [.. state.Values.Select(TorchFiles.Bytes)];
        var first = state.Values.First();
        // The momentum comes before the weights, and is passed over.
        var pickle = TorchPickle.Of(p => p.Dictionary(
            ("optimizer", v => v.Dictionary(("0", w => w.Tensor("0", first.shape)))),
            ("state_dict", v => v.Dictionary([.. state.Index().Select(one =>
                (one.Item.Key, (Action<TorchPickle>)(q => q.Tensor($"{one.Index + 1}", one.Item.Value.shape))))]))));
        File.WriteAllBytes(folder["old.pth"], TorchFiles.Legacy(pickle, [storages[0], .. storages]));
        using var opened = Open(folder["old.pth"]);
        Assert.Equal("convnet-4", opened.Name);
        Assert.All(opened.Trained.Network.state_dict().Where(pair => state.ContainsKey(pair.Key)),
            pair => Assert.True(pair.Value.equal(state[pair.Key]).all().item<bool>()));
    }

    [Fact]
    public void Tensors_that_lie_otherwise_are_read_as_they_are()
    {
        using var scope = NewDisposeScope();
        var state = State("convnet-4");
        var members = TorchFiles.Members(state);
        var classifier = state["fc.weight"]; // [4, 64], stored as its transpose
        members[$"w/data/{state.Keys.ToList().IndexOf("fc.weight")}"] = TorchFiles.Bytes(classifier.transpose(0, 1).contiguous());
        members["w/data.pkl"] = TorchPickle.Of(p => p.Dictionary([.. state.Index().Select(one =>
            (one.Item.Key, (Action<TorchPickle>)(q =>
            {
                q.Strides = one.Item.Key == "fc.weight" ? [1, 4] : null;
                q.Tensor($"{one.Index}", one.Item.Value.shape);
            })))]));
        File.WriteAllBytes(folder["w.pth"], TorchFiles.Zip(members));
        using var opened = Open(folder["w.pth"]);
        Assert.True(opened.Trained.Network.state_dict()["fc.weight"].equal(classifier).all().item<bool>());
    }
}
