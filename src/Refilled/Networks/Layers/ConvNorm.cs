using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>A convolution and its batch norm, called 0 and 1, as PyTorch's sequences call them.</summary>
internal sealed class ConvNorm : LayerBlock
{
    private readonly MixedPrecisionConv2d convolution;
    private readonly BatchNormalisation norm;

    public ConvNorm(int inputs, int outputs, int kernel, int stride, NetworkOptions options, Generator generator, int groups = 1,
        Func<int, BatchNormalisation>? normalise = null)
    {
        convolution = new MixedPrecisionConv2d(inputs, outputs, kernel, stride, options, generator, groups);
        norm = normalise?.Invoke(outputs) ?? new BatchNormalisation(outputs);
        register_module("0", convolution);
        register_module("1", norm);
    }

    public override NetworkLayer After(NetworkLayer input) => input.Convolved(convolution, norm);
}
