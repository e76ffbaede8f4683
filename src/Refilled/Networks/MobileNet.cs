using System.Globalization;
using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>MobileNet-a (version 1): thirteen depthwise-separable blocks after a 3×3 convolution with stride 2.</summary>
/// <remarks>The convolution has 32a channels, the blocks 64a … 1024a; each convolution is followed by batch norm and ReLU, and
/// global average pooling ends the network. Feature maps are the outputs at an eighth, a sixteenth and a thirty-second of the
/// input's size. Howard et al., 2017. Channels are a times the original number, rounded to the nearest whole number.</remarks>
internal sealed class MobileNet : LayeredNetwork
{
    /// <summary>Channels and stride of each block.</summary>
    private static readonly (int Channels, int Stride)[] Plan =
        [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];

    private readonly MixedPrecisionConv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly ModuleList<Block> blocks;

    /// <inheritdoc cref="MobileNet"/>
    /// <param name="width">The width multiplier a, from 0.05 to 4; usual are 1, 0.75, 0.5 and 0.25.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The multiplier is out of range.</exception>
    public MobileNet(double width, NetworkOptions options) : base(NameOf(width), Scale(1024, width), options)
    {
        using var generator = new Generator((ulong)options.Seed);
        conv1 = new MixedPrecisionConv2d(options.Input.Channels, Scale(32, width), 3, 2, options, generator);
        bn1 = new BatchNormalisation(Scale(32, width));
        blocks = new ModuleList<Block>();
        var inputs = 32;
        foreach (var (channels, stride) in Plan)
        {
            blocks.Add(new Block(Scale(inputs, width), Scale(channels, width), stride, options, generator));
            inputs = channels;
        }
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images.Convolved(conv1, bn1).Activated();
        for (var i = 0; i < Plan.Length; i++)
        {
            x = blocks[i].After(x);
            // The last block of each size below a quarter.
            if (Plan[i].Channels >= 256 && (i + 1 == Plan.Length || Plan[i + 1].Stride == 2)) maps.Add(x);
        }
        return x.Read(Readout.Averaged);
    }

    private static string NameOf(double width) => string.Create(CultureInfo.InvariantCulture, $"mobilenet-{width:0.0##}");

    private sealed class Block : LayerBlock
    {
        private readonly MixedPrecisionConv2d depthwise, pointwise;
        private readonly BatchNormalisation bn1, bn2;

        public Block(int inputs, int outputs, int stride, NetworkOptions options, Generator generator)
        {
            depthwise = new MixedPrecisionConv2d(inputs, inputs, 3, stride, options, generator, groups: inputs);
            bn1 = new BatchNormalisation(inputs);
            pointwise = new MixedPrecisionConv2d(inputs, outputs, 1, 1, options, generator);
            bn2 = new BatchNormalisation(outputs);
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input) =>
            input.Convolved(depthwise, bn1).Activated().Convolved(pointwise, bn2).Activated();
    }
}
