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
        weight = Initialisation.Linear([outputs, inputs, 1, 1], inputs, generator);
        if (hasBias) bias = Initialisation.Linear([outputs], inputs, generator);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.conv2d(input, weight, bias);
}
