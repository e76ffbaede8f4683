using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>ResNet-d for small images: three groups of (d - 2) / 6 blocks of 16, 32 and 64 channels.</summary>
/// <remarks>A 3×3 convolution to 16 channels comes before them, stride 2 at the start of groups 2 and 3, and global average pooling
/// at the end. Feature maps are the outputs of the three groups. He et al., CVPR 2016, section 4.2. Convolutions have no bias;
/// where the shape changes, the shortcut takes every second pixel and fills the new channels with zeros (their option A), so that
/// it has no parameters.</remarks>
internal sealed class ResNet : EmbeddingNetwork
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
        layers = new ModuleList<ModuleList<Block>>();
        var inputs = 16;
        foreach (var outputs in new[] { 16, 32, 64 })
        {
            var group = new ModuleList<Block>();
            for (var i = 0; i < (depth - 2) / 6; i++)
            {
                group.Add(new Block(inputs, outputs, options, generator));
                inputs = outputs;
            }
            layers.Add(group);
        }
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override Tensor Embed(Tensor input, IList<Tensor>? maps)
    {
        var x = nn.functional.relu(conv1.Normalised(input, bn1));
        foreach (var group in layers)
        {
            foreach (var block in group) x = block.call(x);
            maps?.Add(x);
        }
        return x.to(ScalarType.Float32).mean([2, 3]);
    }

    /// <inheritdoc/>
    internal override IEnumerable<ConvolutionLayer> Convolutions =>
        [new(conv1, bn1), .. layers.SelectMany(group => group).SelectMany(block => block.Convolutions)];

    /// <summary>Two 3×3 convolutions beside a shortcut; where the channels change, at half the size.</summary>
    internal sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly BatchNormalisation bn1, bn2;
        private readonly int added;

        public Block(int inputs, int outputs, NetworkOptions options, Generator generator) : base(nameof(Block))
        {
            added = outputs - inputs;
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, added == 0 ? 1 : 2, options, generator);
            bn1 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            bn2 = new BatchNormalisation(outputs);
            RegisterComponents();
        }

        public IEnumerable<ConvolutionLayer> Convolutions => [new(conv1, bn1), new(conv2, bn2)];

        public override Tensor forward(Tensor input) =>
            nn.functional.relu(conv2.Normalised(nn.functional.relu(conv1.Normalised(input, bn1)), bn2).Plus(Shortcut(input)));

        private Tensor Shortcut(Tensor input)
        {
            if (added == 0) return input;
            var everySecond = input.slice(2, 0, input.shape[2], 2).slice(3, 0, input.shape[3], 2);
            return nn.functional.pad(everySecond, [0, 0, 0, 0, added / 2, added - added / 2]);
        }
    }
}
