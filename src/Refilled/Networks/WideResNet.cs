using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>WideResNet-d-w for small images: three groups of (d - 4) / 6 pre-activation blocks of 16w, 32w and 64w
/// channels.</summary>
/// <remarks>A 3×3 convolution to 16 channels comes before them, stride 2 at the start of groups 2 and 3; batch norm, ReLU and
/// global average pooling at the end. Feature maps are the outputs of the three groups. Zagoruyko and Komodakis, BMVC 2016.
/// Convolutions have no bias; where the shape changes, a 1×1 convolution of the activated input is the shortcut.</remarks>
internal sealed class WideResNet : EmbeddingNetwork
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
        layers = new ModuleList<ModuleList<Block>>();
        var inputs = 16;
        foreach (var (outputs, stride) in new[] { (16 * width, 1), (32 * width, 2), (64 * width, 2) })
        {
            var group = new ModuleList<Block>();
            for (var i = 0; i < (depth - 4) / 6; i++)
            {
                group.Add(new Block(inputs, outputs, i == 0 ? stride : 1, options, generator));
                inputs = outputs;
            }
            layers.Add(group);
        }
        bn = new BatchNormalisation(inputs);
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override Tensor Embed(Tensor input, IList<Tensor>? maps)
    {
        var x = conv1.call(input);
        foreach (var group in layers)
        {
            foreach (var block in group) x = block.call(x);
            maps?.Add(x);
        }
        // The pooling sums 64 pixels: in fp32, whatever the convolutions' precision.
        return nn.functional.relu(bn.call(x)).to(ScalarType.Float32).mean([2, 3]);
    }

    /// <inheritdoc/>
    /// <remarks>Each block's second batch norm reads the first convolution alone and goes into it; the first one reads a sum.</remarks>
    internal override IEnumerable<ConvolutionLayer> Convolutions =>
        [new(conv1), .. layers.SelectMany(group => group).SelectMany(block => block.Convolutions)];

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly BatchNormalisation bn1, bn2;
        private readonly MixedPrecisionConv2d conv1, conv2;
        private readonly MixedPrecisionConv2d? shortcut;
        private readonly double dropout;

        public Block(int inputs, int outputs, int stride, NetworkOptions options, Generator generator) : base(nameof(Block))
        {
            bn1 = new BatchNormalisation(inputs);
            conv1 = new MixedPrecisionConv2d(inputs, outputs, 3, stride, options, generator);
            bn2 = new BatchNormalisation(outputs);
            conv2 = new MixedPrecisionConv2d(outputs, outputs, 3, 1, options, generator);
            if (inputs != outputs || stride != 1) shortcut = new MixedPrecisionConv2d(inputs, outputs, 1, stride, options, generator);
            dropout = options.Dropout;
            RegisterComponents();
        }

        public IEnumerable<ConvolutionLayer> Convolutions
        {
            get
            {
                yield return new ConvolutionLayer(conv1, bn2);
                yield return new ConvolutionLayer(conv2);
                if (shortcut is not null) yield return new ConvolutionLayer(shortcut);
            }
        }

        public override Tensor forward(Tensor input)
        {
            var activated = nn.functional.relu(bn1.call(input));
            var residual = nn.functional.relu(conv1.Normalised(activated, bn2));
            if (dropout > 0) residual = nn.functional.dropout(residual, dropout, training);
            return conv2.call(residual).Plus(shortcut is null ? input : shortcut.call(activated));
        }
    }
}
