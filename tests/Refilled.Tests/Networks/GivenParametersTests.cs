using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

/// <summary>Embedding with parameters of the caller's: the same function as training mode, without state, and twice
/// differentiable.</summary>
public class GivenParametersTests
{
    public static TheoryData<string> Names => ["convnet-4", "convnet-4-flat"];

    private static Tensor Images(long seed, int count = 6)
    {
        using var generator = new Generator((ulong)seed);
        return randint(0, 256, [count, 3, 32, 32], ScalarType.Byte, generator: generator);
    }

    /// <summary>A network whose batch norms' weights differ from 1 and 0.</summary>
    private static EmbeddingNetwork Made(string name, Layout layout = Layout.ChannelsLast)
    {
        var network = NetworkCatalog.Create(name, new NetworkOptions(5) { Layout = layout, Seed = 6 });
        using var _ = no_grad();
        using var generator = new Generator(3);
        foreach (var (part, tensor) in network.named_parameters())
            if (part.Contains("bn", StringComparison.Ordinal)) tensor.Increase(randn(tensor.shape, generator: generator), 0.3);
        return network;
    }

    private static Dictionary<string, Tensor> Own(EmbeddingNetwork network) =>
        network.named_parameters().Where(pair => !network.IsOfClassifier(pair.name))
            .ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);

    /// <summary>The parameters of the embedding as leaves of their own.</summary>
    private static Dictionary<string, Tensor> Copies(EmbeddingNetwork network, ScalarType type) =>
        Own(network).ToDictionary(pair => pair.Key, pair => pair.Value.detach().to(type, copy: true).requires_grad_());

    private static IList<Tensor> Gradients(Tensor loss, Dictionary<string, Tensor> parameters, bool second = false) =>
        autograd.grad([loss], [.. parameters.Values], create_graph: second, retain_graph: second);

    /// <summary>θ - 0.1·∇L(θ), with the graph of the gradient or without.</summary>
    private static Dictionary<string, Tensor> Stepped(Tensor loss, Dictionary<string, Tensor> parameters, bool second) =>
        parameters.Zip(Gradients(loss, parameters, second), (pair, gradient) => (pair.Key, Value: pair.Value.Plus(gradient, -0.1)))
            .ToDictionary(pair => pair.Key, pair => pair.Value);

    [Theory]
    [InlineData("convnet-4", Layout.ChannelsLast)]
    [InlineData("convnet-4", Layout.Nchw)]
    [InlineData("convnet-4-flat", Layout.ChannelsLast)]
    public void With_its_own_parameters_a_network_is_itself_in_training_mode(string name, Layout layout)
    {
        using var scope = NewDisposeScope();
        var network = Made(name, layout);
        var own = network.named_parameters().ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter); // the classifier's as well
        Dictionary<string, Tensor> Backward(Tensor embedding)
        {
            foreach (var parameter in network.parameters()) parameter.grad?.zero_();
            (embedding * Numbers.Range(0, embedding.numel()).view(embedding.shape).cos()).sum().backward();
            return Own(network).ToDictionary(pair => pair.Key, pair => pair.Value.grad!.clone());
        }
        var expected = network.Observe(Images(1), Needs.Embedding).Embedding;
        var gradients = Backward(expected);
        foreach (var training in new[] { true, false })
        {
            network.train(training);
            var state = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
            var found = network.Embed(Images(1), own);
            Assert.Equal(expected.shape, found.shape);
            Assert.InRange((found - expected).abs().max().Number(), 0, 1e-6);
            foreach (var (part, gradient) in Backward(found))
                Assert.InRange(((gradient - gradients[part]).norm() / gradients[part].norm()).Number(), 0, 1e-5);
            foreach (var (part, tensor) in network.state_dict()) Assert.True(tensor.equal(state[part]).all().item<bool>(), part);
        }
    }

    /// <summary>MAML's step and its loss: f(θ) = L'(θ - 0.1·∇L(θ)) with two sets of images. f's gradient holds second derivatives
    /// of L; along a direction it is compared with (f(θ + hv) - f(θ - hv)) / 2h, in fp64.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_gradient_through_a_gradient_step_is_that_of_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        var network = Made(name);
        var (support, query) = (Images(1, 4), Images(2, 4));
        Tensor Loss(Tensor images, Dictionary<string, Tensor> parameters)
        {
            var embedding = network.Embed(images, parameters);
            Assert.Equal(ScalarType.Float64, embedding.dtype);
            return nn.functional.cross_entropy(embedding.slice(1, 0, 5, 1), Numbers.Range(0, 4)); // five numbers stand for logits
        }
        Tensor After(Dictionary<string, Tensor> parameters, bool second) =>
            Loss(query, Stepped(Loss(support, parameters), parameters, second));

        var start = Copies(network, ScalarType.Float64);
        var exact = Gradients(After(start, second: true), start);
        var firstOrder = Gradients(After(start, second: false), start);
        // How large a derivative along a normal direction usually is.
        var norm = Math.Sqrt(exact.Sum(gradient => gradient.Squared().sum().Number()));
        using var generator = new Generator(5);
        for (var trial = 0; trial < 3; trial++)
        {
            var direction = start.Values.Select(tensor => randn(tensor.shape, ScalarType.Float64, generator: generator)).ToList();
            double Along(IList<Tensor> gradient) => gradient.Zip(direction, (g, v) => (g * v).sum().Number()).Sum();
            double At(double h)
            {
                var moved = start
                    .Zip(direction, (pair, v) => (pair.Key, Value: (pair.Value.Plus(v.Times(h))).detach().requires_grad_()))
                    .ToDictionary(pair => pair.Key, pair => pair.Value);
                return After(moved, second: false).Number();
            }
            // A gradient jumps where a ReLU or a maximum changes sides, and at 1e-7 one in ten directions meets such a place.
            const double h = 1e-9;
            var expected = (At(h) - At(-h)) / (2 * h);
            Assert.InRange(Along(exact), expected - 1e-5 * norm, expected + 1e-5 * norm);
            Assert.True(Math.Abs(Along(firstOrder) - expected) > 1e-2 * norm, "Second derivatives change nothing: the test tests nothing.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Second_derivatives_in_fp32_are_near_those_in_fp64(string name)
    {
        using var scope = NewDisposeScope();
        var network = Made(name);
        Tensor Gradient(ScalarType type)
        {
            var parameters = Copies(network, type);
            var after = Stepped(network.Embed(Images(1), parameters).Squared().mean(), parameters, second: true);
            var gradients = Gradients(network.Embed(Images(2), after).Squared().mean(), parameters);
            return cat([.. gradients.Select(gradient => gradient.reshape(-1).to(ScalarType.Float64))]);
        }
        var (exact, found) = (Gradient(ScalarType.Float64), Gradient(ScalarType.Float32));
        Assert.InRange(((found - exact).norm() / exact.norm()).Number(), 0, 1e-2);
    }

    [Fact]
    public void What_cannot_be_done_is_refused()
    {
        using var scope = NewDisposeScope();
        foreach (var name in new[] { "wrn-10-1", "resnet-8", "mobilenet-0.25", "resnet-12-0.25" })
        {
            var other = NetworkCatalog.Create(name, new NetworkOptions(5));
            Assert.False(other.TakesParameters);
            Assert.Contains(name, Assert.Throws<NotSupportedException>(() => other.Embed(Images(1), Own(other))).Message,
                StringComparison.Ordinal);
        }
        var half = NetworkCatalog.Create("convnet-4", new NetworkOptions(5) { Precision = Precision.Bf16 });
        Assert.Contains("must be fp32", Assert.Throws<NotSupportedException>(() => half.Embed(Images(1), Own(half))).Message,
            StringComparison.Ordinal);

        var network = Made("convnet-4");
        Assert.True(network.TakesParameters);
        var parameters = Own(network);
        parameters["blocks.2.bn.bias"] = zeros(3);
        Assert.Contains("'blocks.2.bn.bias' is [3], expected [64]",
            Assert.Throws<ArgumentException>(() => network.Embed(Images(1), parameters)).Message, StringComparison.Ordinal);
        parameters.Remove("blocks.2.bn.bias");
        Assert.Contains("'blocks.2.bn.bias' is missing",
            Assert.Throws<ArgumentException>(() => network.Embed(Images(1), parameters)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => network.Embed(Images(1).narrow(1, 0, 1), Own(network)));
    }
}
