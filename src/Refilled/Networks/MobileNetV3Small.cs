using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>MobileNetV3-small: eleven inverted residual blocks, most of which weigh their channels by all channels' means.</summary>
/// <remarks>The embedding is what the hidden layer of 1024 makes of the pooled last map. Feature maps are what the blocks give at an
/// eighth, a sixteenth and a thirty-second of the input's size. Howard et al., ICCV 2019, as torchvision has it, with its names; its
/// batch norms add 0.001 to the variance and remember slowly.</remarks>
internal sealed class MobileNetV3Small : LayeredNetwork
{
    private const int Hidden = 1024, Last = 576;

    /// <summary>Of each block: the kernel, the channels within it, its own, whether it weighs them, the swish, the stride.</summary>
    private static readonly (int Kernel, int Wide, int Channels, bool Weighs, bool Swish, int Stride)[] Plan =
    [
        (3, 16, 16, true, false, 2), (3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1), (5, 96, 40, true, true, 2),
        (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1), (5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1),
        (5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1),
    ];

    private readonly ModuleList<LayerBlock> features;
    private readonly Linear hidden;

    /// <inheritdoc cref="MobileNetV3Small"/>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    public MobileNetV3Small(NetworkOptions options) : base("mobilenet-v3-small", Hidden, options)
    {
        using var generator = new Generator((ulong)options.Seed);
        features = new ModuleList<LayerBlock>();
        var inputs = 16;
        features.Add(new ConvNorm(options.Input.Channels, inputs, 3, 2, options, generator, normalise: Norm));
        foreach (var (kernel, wide, channels, weighs, swish, stride) in Plan)
        {
            features.Add(new Block(inputs, wide, channels, kernel, stride, weighs, swish, options, generator));
            inputs = channels;
        }
        features.Add(new ConvNorm(inputs, Last, 1, 1, options, generator, normalise: Norm));
        hidden = nn.Linear(Last, Hidden);
        using (NewDisposeScope())
        using (no_grad())
        {
            hidden.weight!.copy_(Initialisation.LinearDefault([Hidden, Last], Last, generator));
            hidden.bias!.copy_(Initialisation.LinearDefault([Hidden], Last, generator));
        }
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps)
    {
        var x = features[0].After(images).HardSwished();
        for (var i = 0; i < Plan.Length; i++)
        {
            x = features[i + 1].After(x);
            // The last block of each size below a quarter.
            if (Plan[i].Channels >= 24 && (i + 1 == Plan.Length || Plan[i + 1].Stride == 2)) maps.Add(x);
        }
        return features[Plan.Length + 1].After(x).HardSwished().Read(Readout.Averaged).Connected(hidden).HardSwished();
    }

    private static BatchNormalisation Norm(int channels) => new(channels, epsilon: 0.001, momentum: 0.01);

    private sealed class Block : LayerBlock
    {
        private readonly ConvNorm? widen;
        private readonly ConvNorm filter, narrow;
        private readonly Excitation? weigh;
        private readonly bool swish, residual;

        public Block(int inputs, int wide, int outputs, int kernel, int stride, bool weighs, bool swish, NetworkOptions options,
            Generator generator)
        {
            (this.swish, residual) = (swish, stride == 1 && inputs == outputs);
            if (wide != inputs) widen = new ConvNorm(inputs, wide, 1, 1, options, generator, normalise: Norm);
            filter = new ConvNorm(wide, wide, kernel, stride, options, generator, wide, Norm);
            if (weighs) weigh = new Excitation(wide, MultipleOf8.Near(wide / 4), options, generator);
            narrow = new ConvNorm(wide, outputs, 1, 1, options, generator, normalise: Norm);
            // By their places in torchvision's sequence, and by nothing else.
            var block = new ModuleList<LayerBlock>();
            foreach (var part in new LayerBlock?[] { widen, filter, weigh, narrow })
                if (part is not null) block.Add(part);
            register_module("block", block);
        }

        public override NetworkLayer After(NetworkLayer input)
        {
            NetworkLayer Activated(NetworkLayer x) => swish ? x.HardSwished() : x.Activated();
            var x = widen is null ? input : Activated(widen.After(input));
            x = Activated(filter.After(x));
            x = narrow.After(weigh?.After(x) ?? x);
            return residual ? input.Plus(x) : x;
        }
    }

    private sealed class Excitation : LayerBlock
    {
        private readonly MixedPrecisionConv2d fc1, fc2;

        public Excitation(int channels, int squeezed, NetworkOptions options, Generator generator)
        {
            fc1 = new MixedPrecisionConv2d(channels, squeezed, 1, 1, options, generator, biased: true);
            fc2 = new MixedPrecisionConv2d(squeezed, channels, 1, 1, options, generator, biased: true);
            RegisterComponents();
        }

        public override NetworkLayer After(NetworkLayer input) => input.Excited(fc1, fc2);
    }
}
