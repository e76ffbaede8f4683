using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>A convolution and its batch norm, called 0 and 1, as PyTorch's sequences call them.</summary>
internal sealed class ConvNorm : LayerBlock
{
    // A field of its own for each would be registered by the field's name, too.
    private readonly (MixedPrecisionConv2d Convolution, BatchNormalisation Norm) parts;

    public ConvNorm(int inputs, int outputs, int kernel, int stride, NetworkOptions options, Generator generator, int groups = 1,
        Func<int, BatchNormalisation>? normalise = null)
    {
        parts = (new MixedPrecisionConv2d(inputs, outputs, kernel, stride, options, generator, groups),
            normalise?.Invoke(outputs) ?? new BatchNormalisation(outputs));
        register_module("0", parts.Convolution);
        register_module("1", parts.Norm);
    }

    public override NetworkLayer After(NetworkLayer input) => input.Convolved(parts.Convolution, parts.Norm);
}
