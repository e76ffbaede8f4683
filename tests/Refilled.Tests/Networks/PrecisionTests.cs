using Refilled.Networks;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Networks;

/// <summary>Precision and layout change the speed, and of the numbers no more than they must. The golden tests stay in fp32.</summary>
public class PrecisionTests
{
    /// <summary>Relative to their norm, as one number: maps, logits, and all gradients together.</summary>
    private sealed record Errors(double Map, double Logits, double Gradient);

    private sealed record Pass(Tensor Map, Tensor Logits, Tensor Gradient)
    {
        public Errors Against(Pass exact) => new(Error(Map, exact.Map), Error(Logits, exact.Logits), Error(Gradient, exact.Gradient));

        private static double Error(Tensor found, Tensor expected) => ((found - expected).norm() / expected.norm()).Number();
    }

    /// <summary>Forward and backward in training mode.</summary>
    /// <param name="name">The network.</param>
    /// <param name="precision">Its precision.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="off">Deviation of a random factor of every weight from 1.</param>
    private static Pass Run(string name, Precision precision, Layout layout = Layout.ChannelsLast, double off = 0)
    {
        Processor.MustCompute(name);
        using var scope = NewDisposeScope();
        var network = NetworkCatalog.Create(name, new NetworkOptions(5) { Precision = precision, Layout = layout });
        using var generator = new Generator(4);
        var images = randint(0, 256, [64, 3, 32, 32], ScalarType.Byte, generator: generator);
        if (off > 0)
        {
            using var _ = no_grad();
            foreach (var parameter in network.parameters()) parameter.mul_(randn(parameter.shape, generator: generator).Times(off).Plus(1));
        }
        var signals = network.Observe(images, Needs.Logits | Needs.FeatureMaps);
        nn.functional.cross_entropy(signals.Logits, Numbers.Range(0, 64).Modulo(5)).backward();
        return new Pass(
            signals.FeatureMaps[0].to(ScalarType.Float32).detach().MoveToOuterDisposeScope(),
            signals.Logits.detach().MoveToOuterDisposeScope(),
            cat([.. network.parameters().Select(parameter => parameter.grad!.reshape(-1))]).MoveToOuterDisposeScope());
    }

    [Theory]
    [InlineData("wrn-16-1")]
    [InlineData("resnet-20")]
    [InlineData("convnet-4")]
    [InlineData("resnet-12-0.25")]
    public void In_bf16_logits_are_off_by_two_percent_at_most_and_gradients_by_thirty(string name)
    {
        using var scope = NewDisposeScope();
        var errors = Run(name, Precision.Bf16).Against(Run(name, Precision.Fp32));
        Assert.InRange(errors.Logits, 1e-6, 0.02);
        Assert.InRange(errors.Gradient, 1e-6, 0.3);
    }

    /// <summary>A bf16 number has eight bits: weights and activations are off by 0.11 % (root mean square). A deep network without
    /// shortcuts, as MobileNet, makes far more of that, whatever its precision; so the measure is what fp32 makes of weights
    /// that are off by as much.</summary>
    [Theory]
    [InlineData("wrn-16-1")]
    [InlineData("resnet-20")]
    [InlineData("mobilenet-0.25")]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    public void In_bf16_nothing_is_lost_beyond_the_rounding(string name)
    {
        using var scope = NewDisposeScope();
        var exact = Run(name, Precision.Fp32);
        var (half, rounded) = (Run(name, Precision.Bf16).Against(exact), Run(name, Precision.Fp32, off: 0.0011).Against(exact));
        // Two roundings at each layer (of weight and activation) and their batch norm, against one.
        Assert.InRange(half.Map, 0.3 * rounded.Map, 4 * rounded.Map);
        Assert.InRange(half.Logits, 0.3 * rounded.Logits, 4 * rounded.Logits);
        Assert.InRange(half.Gradient, 0.3 * rounded.Gradient, 4 * rounded.Gradient);
    }

    [Theory]
    [InlineData("wrn-16-1")]
    [InlineData("resnet-20")]
    [InlineData("mobilenet-0.25")]
    [InlineData("convnet-4")]
    [InlineData("convnet-4-flat")]
    [InlineData("resnet-12-0.25")]
    public void Both_layouts_compute_the_same(string name)
    {
        using var scope = NewDisposeScope();
        var errors = Run(name, Precision.Fp32, Layout.Nchw).Against(Run(name, Precision.Fp32));
        Assert.InRange(errors.Map, 0, 1e-5);
        Assert.InRange(errors.Logits, 0, 0.01);
        Assert.InRange(errors.Gradient, 0, 0.05);
    }
}
