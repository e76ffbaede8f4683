using System.Globalization;
using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>ResNet-12: four residual blocks of three 3×3 convolutions to 64, 160, 320 and 640 channels.</summary>
/// <remarks>Each block has 2×2 max pooling at its end; then global average pooling. Feature maps are the outputs of the four
/// blocks. As in MetaOptNet (Lee et al., CVPR 2019) and FEAT (Ye et al., CVPR 2020), but without DropBlock: every convolution, the
/// shortcut's 1×1 too, is followed by batch norm; LeakyReLU with slope 0.1 after the first two and after the sum. Convolutions have
/// no bias. Of an odd size the last row and column are left out by the pooling.</remarks>
internal sealed class ResNet12 : LayeredNetwork
{
    private static readonly int[] Plan = [64, 160, 320, 640];

    private readonly ModuleList<Block> layers;

    /// <inheritdoc cref="ResNet12"/>
    /// <param name="width">Factor of all channels, rounded to the nearest whole number; from 0.05 to 4, and 1 in the papers.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range.</exception>
    /// <exception cref="InputException">The images are smaller than 16×16.</exception>
    public ResNet12(double width, NetworkOptions options) : base(NameOf(width), Scale(Plan[^1], width), options)
    {
        options.Input.CheckHalvings(Plan.Length, Architecture);
        using var generator = new Generator((ulong)options.Seed);
        layers = new ModuleList<Block>();
        var inputs = options.Input.Channels;
        foreach (var channels in Plan)
        {
            var outputs = Scale(channels, width);
            layers.Add(new Block(inputs, outputs, options, generator));
            inputs = outputs;
        }
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps) =>
        layers.Aggregate(images, (x, block) => Group(x, [block], maps)).Read(Readout.Averaged);

    private static string NameOf(double width) =>
        width == 1 ? "resnet-12" : string.Create(CultureInfo.InvariantCulture, $"resnet-12-{width:0.0##}");

    private sealed class Block : LayerBlock
    {
        private const double Slope = 0.1;

        private readonly MixedPrecisionConv2d conv1, conv2, conv3, shortcut;
        private readonly BatchNormalisation bn1, bn2, bn3, bnShortcut;

        public Block(int inputs, int outputs, NetworkOptions options, Generator generator)
        {
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, 1, options, generator);
            bn1 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            bn2 = new BatchNormalisation(outputs);
            conv3 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            bn3 = new BatchNormalisation(outputs);
            shortcut = new MixedPrecisionConv2d(inputs, outputs, 1, 1, options, generator);
            bnShortcut = new BatchNormalisation(outputs);
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input)
        {
            var residual = input.Convolved(conv1, bn1).Activated(Slope).Convolved(conv2, bn2).Activated(Slope).Convolved(conv3, bn3);
            // The activation keeps the order of numbers, so it may come after the pooling: the same result from a quarter of them.
            return residual.Plus(input.Convolved(shortcut, bnShortcut)).Halved().Activated(Slope);
        }
    }
}
