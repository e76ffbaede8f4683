using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>WideResNet-d-w for small images: three groups of (d - 4) / 6 pre-activation blocks of 16w, 32w and 64w
/// channels.</summary>
/// <remarks>A 3×3 convolution to 16 channels comes before them, stride 2 at the start of groups 2 and 3; batch norm, ReLU and
/// global average pooling at the end. Feature maps are the outputs of the three groups. Zagoruyko and Komodakis, BMVC 2016.
/// Convolutions have no bias; where the shape changes, a 1×1 convolution of the activated input is the shortcut.</remarks>
internal sealed class WideResNet : LayeredNetwork
{
    private readonly MixedPrecisionConv2d conv1;
    private readonly ModuleList<ModuleList<Block>> layers;
    private readonly BatchNormalisation bn;

    /// <inheritdoc cref="WideResNet"/>
    /// <param name="depth">d = 6n + 4, at least 10.</param>
    /// <param name="width">w, at least 1.</param>
    /// <param name="options">Classes, input, precision, dropout and seed.</param>
    /// <exception cref="ArgumentException">The depth is not 6n + 4, or the width is not positive.</exception>
    public WideResNet(int depth, int width, NetworkOptions options) : base($"wrn-{depth}-{width}", 64 * width, options)
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
            throw new ArgumentException($"A WideResNet's depth is 6n + 4 (10, 16, 22, 28, 40 …), not {depth}.", nameof(depth));
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);

        using var generator = new Generator((ulong)options.Seed);
        conv1 = new MixedPrecisionConv2d(options.Input.Channels, 16, 3, 1, options, generator);
        layers = Groups(16, [16 * width, 32 * width, 64 * width], (depth - 4) / 6,
            (inputs, outputs, stride) => new Block(inputs, outputs, stride, options, generator));
        bn = new BatchNormalisation(64 * width);
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images.Convolved(conv1);
        foreach (var group in layers) x = Group(x, group, maps);
        return x.Normalised(bn).Activated().Read(Readout.Averaged);
    }

    private sealed class Block : LayerBlock
    {
        private readonly BatchNormalisation bn1, bn2;
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly MixedPrecisionConv2d? shortcut;
        private readonly double dropout;

        public Block(int inputs, int outputs, int stride, NetworkOptions options, Generator generator)
        {
            bn1 = new BatchNormalisation(inputs);
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, stride, options, generator);
            bn2 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            if (inputs != outputs || stride != 1) shortcut = new MixedPrecisionConv2d(inputs, outputs, 1, stride, options, generator);
            dropout = options.Dropout;
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input)
        {
            var activated = input.Normalised(bn1).Activated();
            var residual = activated.Convolved(conv1, bn2).Activated().Dropped(dropout).Convolved(conv2);
            return residual.Plus(shortcut is null ? input : activated.Convolved(shortcut));
        }
    }
}
