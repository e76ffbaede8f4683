using System.Globalization;
using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>MobileNetV2-a: seventeen inverted residual blocks between two convolutions, of 32a and 1280 channels.</summary>
/// <remarks>A block widens its input six times, filters each channel by itself, and narrows again without an activation; the others are
/// ReLU up to 6. The embedding is the pooled last map. Feature maps are what the blocks give at an eighth, a sixteenth and a
/// thirty-second of the input's size. Sandler et al., CVPR 2018, as torchvision has it, with its names: channels are multiples of
/// 8.</remarks>
internal sealed class MobileNetV2 : LayeredNetwork
{
    private const int First = 32, Last = 1280;

    /// <summary>Of each group of blocks: how much they widen, their channels, their number, the stride of the first.</summary>
    private static readonly (int Factor, int Channels, int Blocks, int Stride)[] Plan =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly ModuleList<LayerBlock> features;
    private readonly HashSet<int> mapped = [];

    /// <inheritdoc cref="MobileNetV2"/>
    /// <param name="width">The width multiplier a, from 0.05 to 4; usual are 1, 0.75, 0.5 and 0.35.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    public MobileNetV2(double width, NetworkOptions options) : base(NameOf(width), Channels(Last, Math.Max(1, width)), options)
    {
        using var generator = new Generator((ulong)options.Seed);
        var inputs = Channels(First, width);
        features = new ModuleList<LayerBlock>();
        features.Add(new ConvNorm(options.Input.Channels, inputs, 3, 2, options, generator));
        foreach (var (factor, channels, blocks, stride) in Plan)
        {
            for (var i = 0; i < blocks; i++)
            {
                var outputs = Channels(channels, width);
                features.Add(new Block(inputs, outputs, factor, i == 0 ? stride : 1, options, generator));
                inputs = outputs;
            }
            if (channels is 32 or 96 or 320) mapped.Add(features.Count - 1);
        }
        features.Add(new ConvNorm(inputs, EmbeddingSize, 1, 1, options, generator));
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <summary>Channels of each feature block's output at a width, first and last convolution included.</summary>
    public static IReadOnlyList<int> AllChannels(double width) =>
    [
        Channels(First, width),
        .. Plan.SelectMany(group => Enumerable.Repeat(Channels(group.Channels, width), group.Blocks)),
        Channels(Last, Math.Max(1, width)),
    ];

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = images;
        for (var i = 0; i < features.Count; i++)
        {
            x = features[i].After(x);
            if (features[i] is ConvNorm) x = x.Activated(most: 6);
            if (mapped.Contains(i)) maps.Add(x);
        }
        return x.Read(Readout.Averaged);
    }

    private static string NameOf(double width) =>
        width == 1 ? "mobilenet-v2" : string.Create(CultureInfo.InvariantCulture, $"mobilenet-v2-{width:0.0##}");

    /// <summary>Channels times a width, as the nearest multiple of 8 that isn't a tenth smaller.</summary>
    private static int Channels(int channels, double width) => MultipleOf8.Near(channels * width);

    private sealed class Block : LayerBlock
    {
        private readonly ConvNorm? widen;
        private readonly ConvNorm filter;
        private readonly MixedPrecisionConv2d narrow;
        private readonly BatchNormalisation norm;
        private readonly bool residual;

        public Block(int inputs, int outputs, int factor, int stride, NetworkOptions options, Generator generator)
        {
            var wide = inputs * factor;
            residual = stride == 1 && inputs == outputs;
            if (factor != 1) widen = new ConvNorm(inputs, wide, 1, 1, options, generator);
            filter = new ConvNorm(wide, wide, 3, stride, options, generator, groups: wide);
            narrow = new MixedPrecisionConv2d(wide, outputs, 1, 1, options, generator);
            norm = new BatchNormalisation(outputs);
            // By their places in torchvision's sequence, and by nothing else.
            var conv = new ModuleList<nn.Module>();
            foreach (var part in new nn.Module?[] { widen, filter, narrow, norm })
                if (part is not null) conv.Add(part);
            register_module("conv", conv);
        }

        public override NetworkLayer After(NetworkLayer input)
        {
            var x = widen is null ? input : widen.After(input).Activated(most: 6);
            x = filter.After(x).Activated(most: 6).Convolved(narrow, norm);
            return residual ? input.Plus(x) : x;
        }
    }
}
