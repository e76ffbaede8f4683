using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Losses.Features;

/// <summary>A 1×1 convolution of feature maps in fp32, trained beside a student to bring its maps to the teacher's channels.</summary>
internal sealed class Connector : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    /// <param name="inputs">Channels read.</param>
    /// <param name="outputs">Channels made.</param>
    /// <param name="hasBias">Whether a number is added to each channel.</param>
    /// <param name="generator">Draws the initial weights, as the engine's default does: uniform in ±1/√inputs.</param>
    public Connector(int inputs, int outputs, bool hasBias, Generator generator) : base(nameof(Connector))
    {
        weight = Draw([outputs, inputs, 1, 1], inputs, generator);
        if (hasBias) bias = Draw([outputs], inputs, generator);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.conv2d(input, weight, bias);

    private static Parameter Draw(long[] shape, int inputs, Generator generator)
    {
        using var scope = NewDisposeScope();
        // Without this the scope would take the parameter with it.
        var parameter = new Parameter(Initialisation.LinearDefault(shape, inputs, generator).DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
