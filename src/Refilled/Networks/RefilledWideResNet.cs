using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>WideResNet-d-w as REFILLED's authors built it: a <see cref="WideResNet"/> with biases and other strides.</summary>
/// <remarks>Every convolution has a bias; a block's second convolution has its stride; the 1×1 shortcut reads the block's input as it is.
/// With the authors' names, so that their weights load. Its biases can't be folded away: a shortcut's and a second convolution's
/// output meets no batch norm before it is added.</remarks>
internal sealed class RefilledWideResNet : LayeredNetwork
{
    private readonly MixedPrecisionConv2d conv1;
    private readonly ModuleList<Block> layer1, layer2, layer3;
    private readonly BatchNormalisation bn;

    /// <inheritdoc cref="RefilledWideResNet"/>
    /// <param name="depth">d = 6n + 4, at least 10.</param>
    /// <param name="width">w, at least 1.</param>
    /// <param name="options">Classes, input, precision, dropout and seed.</param>
    public RefilledWideResNet(int depth, int width, NetworkOptions options) : base($"refilled-wrn-{depth}-{width}", 64 * width, options)
    {
        using var generator = new Generator((ulong)options.Seed);
        conv1 = new MixedPrecisionConv2d(options.Input.Channels, 16, 3, 1, options, generator, biased: true);
        var groups = Groups(16, [16 * width, 32 * width, 64 * width], (depth - 4) / 6,
            (inputs, outputs, stride) => new Block(inputs, outputs, stride, options, generator));
        (layer1, layer2, layer3) = (groups[0], groups[1], groups[2]);
        bn = new BatchNormalisation(64 * width);
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images.Convolved(conv1);
        foreach (var group in new[] { layer1, layer2, layer3 }) x = Group(x, group, maps);
        return x.Normalised(bn).Activated().Read(Readout.Averaged);
    }

    private sealed class Block : LayerBlock
    {
        private readonly BatchNormalisation bn1, bn2;
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly ModuleList<MixedPrecisionConv2d>? shortcut;
        private readonly double dropout;

        public Block(int inputs, int outputs, int stride, NetworkOptions options, Generator generator)
        {
            bn1 = new BatchNormalisation(inputs);
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, 1, options, generator, biased: true);
            bn2 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, stride, options, generator, biased: true);
            if (inputs != outputs || stride != 1)
                shortcut = new ModuleList<MixedPrecisionConv2d>(
                    new MixedPrecisionConv2d(inputs, outputs, 1, stride, options, generator, biased: true));
            dropout = options.Dropout;
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input)
        {
            var residual = input.Normalised(bn1).Activated().Convolved(conv1, bn2).Activated().Dropped(dropout).Convolved(conv2);
            return residual.Plus(shortcut is null ? input : input.Convolved(shortcut[0]));
        }
    }
}
