using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>ConvNet-4: four blocks of a 3×3 convolution to 64 channels, batch norm, ReLU and 2×2 max pooling.</summary>
/// <remarks>The embedding is the last map, max-pooled over all its pixels (64 numbers) or flattened (256 at 32×32 pixels, 1600 at
/// 84×84). Feature maps are the outputs of the four blocks. Vinyals et al., NeurIPS 2016 (flattened); max-pooled as in FEAT (Ye et
/// al., CVPR 2020). Convolutions have no bias, since each is followed by a batch norm. Of an odd size the last row and column are
/// left out by the pooling.</remarks>
internal sealed class ConvNet : LayeredNetwork
{
    private const int Channels = 64, Depth = 4;

    private readonly ModuleList<Block> blocks;
    private readonly Readout readout;

    /// <inheritdoc cref="ConvNet"/>
    /// <param name="readout">What the embedding is made of the last map.</param>
    /// <param name="options">Classes, input, precision and seed; there is no dropout.</param>
    /// <exception cref="InputException">The images are smaller than 16×16.</exception>
    public ConvNet(Readout readout, NetworkOptions options) : base(NameOf(readout), SizeOf(readout, options.Input), options)
    {
        this.readout = readout;
        using var generator = new Generator((ulong)options.Seed);
        blocks = new ModuleList<Block>();
        for (var i = 0; i < Depth; i++) blocks.Add(new Block(i == 0 ? options.Input.Channels : Channels, options, generator));
        RegisterComponents();
        ResetClassifier(options.Seed);
    }

    /// <inheritdoc/>
    public override bool TakesParameters => true;

    /// <inheritdoc/>
    protected override NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps) =>
        blocks.Aggregate(images, (x, block) => Group(x, [block], maps)).Read(readout);

    private static string NameOf(Readout readout) => readout == Readout.Flattened ? "convnet-4-flat" : "convnet-4";

    private static int SizeOf(Readout readout, InputSpec input)
    {
        input.CheckHalvings(Depth, NameOf(readout));
        return readout == Readout.Flattened ? Channels * (input.Height >> Depth) * (input.Width >> Depth) : Channels;
    }

    private sealed class Block : LayerBlock
    {
        private readonly MixedPrecisionConv2d conv;
        private readonly BatchNormalisation bn;

        public Block(int inputs, NetworkOptions options, Generator generator)
        {
            conv = new MixedPrecisionConv2d(inputs, Channels, 3, 1, options, generator);
            bn = new BatchNormalisation(Channels);
            RegisterComponents();
        }

        // ReLU keeps the order of numbers, so it may come after the pooling: the same result from a quarter of them.
        public override NetworkLayer After(NetworkLayer input) => input.Convolved(conv, bn).Halved().Activated();
    }
}
