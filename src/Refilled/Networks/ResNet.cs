using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>ResNet-d for small images: three groups of (d - 2) / 6 blocks of 16, 32 and 64 channels.</summary>
/// <remarks>A 3×3 convolution to 16 channels comes before them, stride 2 at the start of groups 2 and 3, and global average pooling
/// at the end. Feature maps are the outputs of the three groups. He et al., CVPR 2016, section 4.2. Convolutions have no bias;
/// where the shape changes, the shortcut takes every second pixel and fills the new channels with zeros (their option A), so that
/// it has no parameters.</remarks>
internal sealed class ResNet : LayeredNetwork
{
    private readonly MixedPrecisionConv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly ModuleList<ModuleList<Block>> layers;

    /// <inheritdoc cref="ResNet"/>
    /// <param name="depth">d = 6n + 2, at least 8.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    /// <exception cref="ArgumentException">The depth is not 6n + 2.</exception>
    public ResNet(int depth, NetworkOptions options) : base($"resnet-{depth}", 64, options)
    {
        if (depth < 8 || (depth - 2) % 6 != 0)
            throw new ArgumentException($"A ResNet's depth is 6n + 2 (8, 14, 20, 32, 44, 56, 110 …), not {depth}.", nameof(depth));
        using var generator = new Generator((ulong)options.Seed);
        conv1 = new MixedPrecisionConv2d(options.Input.Channels, 16, 3, 1, options, generator);
        bn1 = new BatchNormalisation(16);
        layers = Groups(16, [16, 32, 64], (depth - 2) / 6, (inputs, outputs, _) => new Block(inputs, outputs, options, generator));
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images.Convolved(conv1, bn1).Activated();
        foreach (var group in layers) x = Group(x, group, maps);
        return x.Read(Readout.Averaged);
    }

    /// <summary>Two 3×3 convolutions beside a shortcut; where the channels change, at half the size.</summary>
    internal sealed class Block : LayerBlock
    {
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly BatchNormalisation bn1, bn2;
        private readonly int added;

        public Block(int inputs, int outputs, NetworkOptions options, Generator generator)
        {
            added = outputs - inputs;
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, added == 0 ? 1 : 2, options, generator);
            bn1 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            bn2 = new BatchNormalisation(outputs);
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input) => input.Convolved(conv1, bn1).Activated().Convolved(conv2, bn2)
            .Plus(added == 0 ? input : new EverySecondLayer(input, added / 2, added - added / 2)).Activated();
    }
}
