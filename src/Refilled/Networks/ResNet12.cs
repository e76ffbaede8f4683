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
internal sealed class ResNet12 : EmbeddingNetwork
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
    protected override Tensor Embed(Tensor input, IList<Tensor>? maps)
    {
        var x = input;
        foreach (var block in layers)
        {
            x = block.call(x);
            maps?.Add(x);
        }
        return x.to(ScalarType.Float32).mean([2, 3]);
    }

    /// <inheritdoc/>
    internal override IEnumerable<ConvolutionLayer> Convolutions => layers.SelectMany(block => block.Convolutions);

    private static string NameOf(double width) =>
        width == 1 ? "resnet-12" : string.Create(CultureInfo.InvariantCulture, $"resnet-12-{width:0.0##}");

    private static int Scale(int channels, double width)
    {
        if (!(width is >= 0.05 and <= 4)) throw new ArgumentOutOfRangeException(nameof(width), width, "It must be from 0.05 to 4.");
        return (int)Math.Round(channels * width);
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly MixedPrecisionConv2d conv1, conv2, conv3, shortcut;
        private readonly BatchNormalisation bn1, bn2, bn3, bnShortcut;

        public Block(int inputs, int outputs, NetworkOptions options, Generator generator) : base(nameof(Block))
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

        public IEnumerable<ConvolutionLayer> Convolutions => [new(conv1, bn1), new(conv2, bn2), new(conv3, bn3), new(shortcut, bnShortcut)];

        public override Tensor forward(Tensor input)
        {
            using var first = Activated(conv1.Normalised(input, bn1));
            using var second = Activated(conv2.Normalised(first, bn2));
            using var residual = conv3.Normalised(second, bn3);
            using var direct = shortcut.Normalised(input, bnShortcut);
            using var sum = residual.Plus(direct);
            // The activation keeps the order of numbers, so it may come after the pooling: the same result from a quarter of them.
            return Activated(nn.functional.max_pool2d(sum, [2, 2]));
        }

        /// <summary>LeakyReLU; disposes of its argument, which nothing else reads.</summary>
        private static Tensor Activated(Tensor normalised)
        {
            using var _ = normalised;
            return normalised.LeakyReLU(0.1);
        }
    }
}
