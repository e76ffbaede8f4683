using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>ResNet of 18, 34 or 50 layers for photos: four groups of residual blocks.</summary>
/// <remarks>They have 64, 128, 256 and 512 channels. A 7×7 convolution with stride 2 and 3×3 max pooling come before them, stride 2 at
/// the start of groups 2 to 4, and global average pooling at the end. Feature maps are the outputs of the four groups. He et al., CVPR 2016, as torchvision has it, with its
/// names: in blocks of three convolutions the 3×3 one has the stride, and their outputs have four times the channels; where the shape
/// changes, the shortcut is a 1×1 convolution with a batch norm.</remarks>
internal sealed class ImageNetResNet : LayeredNetwork
{
    private readonly MixedPrecisionConv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly ModuleList<Block> layer1, layer2, layer3, layer4;

    /// <inheritdoc cref="ImageNetResNet"/>
    /// <param name="depth">18, 34 or 50.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is another depth.</exception>
    public ImageNetResNet(int depth, NetworkOptions options) : base(NameOf(depth), depth == 50 ? 2048 : 512, options)
    {
        if (depth is not (18 or 34 or 50)) throw new ArgumentOutOfRangeException(nameof(depth), depth, "It must be 18, 34 or 50.");
        using var generator = new Generator((ulong)options.Seed);
        conv1 = new MixedPrecisionConv2d(options.Input.Channels, 64, 7, 2, options, generator);
        bn1 = new BatchNormalisation(64);
        int[] blocks = depth == 18 ? [2, 2, 2, 2] : [3, 4, 6, 3];
        var inputs = 64;
        ModuleList<Block> Group(int group)
        {
            var made = new ModuleList<Block>();
            for (var i = 0; i < blocks[group]; i++)
            {
                var block = new Block(inputs, 64 << group, i == 0 && group > 0 ? 2 : 1, depth == 50, options, generator);
                inputs = block.Outputs;
                made.Add(block);
            }
            return made;
        }
        (layer1, layer2, layer3, layer4) = (Group(0), Group(1), Group(2), Group(3));
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images.Convolved(conv1, bn1).Activated().MaxPooled(3, 2, 1);
        foreach (var group in new[] { layer1, layer2, layer3, layer4 }) x = Group(x, group, maps);
        return x.Read(Readout.Averaged);
    }

    // resnet-50 is the one of 6n + 2 layers for small images.
    private static string NameOf(int depth) => depth == 50 ? "resnet-50-imagenet" : $"resnet-{depth}";

    private sealed class Block : LayerBlock
    {
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly MixedPrecisionConv2d? conv3;
        private readonly BatchNormalisation bn1, bn2;
        private readonly BatchNormalisation? bn3;
        private readonly ConvNorm? downsample;

        public Block(int inputs, int channels, int stride, bool narrow, NetworkOptions options, Generator generator)
        {
            Outputs = narrow ? 4 * channels : channels;
            conv1 = new MixedPrecisionConv2d(inputs, channels, narrow ? 1 : 3, narrow ? 1 : stride, options, generator);
            bn1 = new BatchNormalisation(channels);
            conv2 = new MixedPrecisionConv2d(channels, channels, 3, narrow ? stride : 1, options, generator);
            bn2 = new BatchNormalisation(channels);
            if (narrow)
            {
                conv3 = new MixedPrecisionConv2d(channels, Outputs, 1, 1, options, generator);
                bn3 = new BatchNormalisation(Outputs);
            }
            if (inputs != Outputs || stride != 1) downsample = new ConvNorm(inputs, Outputs, 1, stride, options, generator);
            RegisterComponents();
        }

        public int Outputs { get; }

        public override NetworkLayer After(NetworkLayer input)
        {
            var residual = input.Convolved(conv1, bn1).Activated().Convolved(conv2, bn2);
            if (conv3 is not null) residual = residual.Activated().Convolved(conv3, bn3!);
            return residual.Plus(downsample?.After(input) ?? input).Activated();
        }
    }
}
