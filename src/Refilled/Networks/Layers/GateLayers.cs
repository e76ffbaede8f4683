using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>The mean of each channel as a map of one pixel.</summary>
internal sealed class ChannelMeanLayer : NetworkLayer
{
    internal ChannelMeanLayer(NetworkLayer input) : base(input) { }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => inputs[0].mean([2, 3], keepdim: true);
}

/// <summary>A line from 0 at -3 to 1 at 3, level beyond: the sigmoid without an exponential.</summary>
/// <remarks>Howard et al., ICCV 2019 (MobileNetV3).</remarks>
internal sealed class HardSigmoidLayer : NetworkLayer
{
    internal HardSigmoidLayer(NetworkLayer input) : base(input) { }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => nn.functional.hardsigmoid(inputs[0]);
}

/// <summary>x times its <see cref="HardSigmoidLayer"/>.</summary>
internal sealed class HardSwishLayer : NetworkLayer
{
    internal HardSwishLayer(NetworkLayer input) : base(input) { }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => nn.functional.hardswish(inputs[0]);
}

/// <summary>The product of a map and a factor for each of its channels.</summary>
internal sealed class GatedLayer : NetworkLayer
{
    internal GatedLayer(NetworkLayer map, NetworkLayer factors) : base(map, factors) { }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => inputs[0] * inputs[1];
}
