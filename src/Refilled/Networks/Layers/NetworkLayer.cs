using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>A step of a network, from the outputs of earlier steps to its own.</summary>
/// <remarks>Maps <c>[B, c, h, w]</c> up to the readout, then rows <c>[B, d]</c>. Weights are the network's own, and live. A layer is made
/// by what is said of the one before it: <c>x.Convolved(conv).Activated()</c>.</remarks>
public abstract class NetworkLayer
{
    private protected NetworkLayer(params NetworkLayer[] inputs) => Inputs = inputs;

    /// <summary>The steps whose outputs it reads, in order.</summary>
    public IReadOnlyList<NetworkLayer> Inputs { get; }

    /// <summary>Whether going back needs the output itself, so that no later layer may write into it.</summary>
    internal virtual bool KeepsOutput => true;

    /// <summary>The output for outputs of <see cref="Inputs"/>; it may be one of them.</summary>
    internal abstract Tensor Run(Tensor[] inputs, LayerMode mode);

    internal NetworkLayer Convolved(MixedPrecisionConv2d convolution) => new ConvolutionLayer(this, convolution);

    /// <summary>A convolution and its batch norm, which can be folded into it.</summary>
    internal NetworkLayer Convolved(MixedPrecisionConv2d convolution, BatchNormalisation norm) =>
        new BatchNormLayer(new ConvolutionLayer(this, convolution), norm, convolution);

    internal NetworkLayer Normalised(BatchNormalisation norm) => new BatchNormLayer(this, norm, null);

    internal NetworkLayer Activated(double slope = 0, double most = double.PositiveInfinity) => new ActivationLayer(this, slope, most);

    internal NetworkLayer HardSwished() => new HardSwishLayer(this);

    /// <summary>Each channel times a factor from 0 to 1, which two convolutions make of all channels' means.</summary>
    internal NetworkLayer Excited(MixedPrecisionConv2d squeeze, MixedPrecisionConv2d excite) => new GatedLayer(this,
        new HardSigmoidLayer(new ChannelMeanLayer(this).Convolved(squeeze).Activated().Convolved(excite)));

    internal NetworkLayer Connected(Linear module) => new LinearLayer(this, module);

    internal NetworkLayer Dropped(double probability) => probability > 0 ? new DropoutLayer(this, probability) : this;

    internal NetworkLayer Halved() => new MaxPoolLayer(this, 2, 2, 0);

    internal NetworkLayer MaxPooled(int size, int stride, int padding) => new MaxPoolLayer(this, size, stride, padding);

    internal NetworkLayer Plus(NetworkLayer other) => new SumLayer(this, other);

    internal NetworkLayer Read(Readout how) => new ReadoutLayer(this, how);
}

/// <summary>How layers run.</summary>
/// <param name="Training">Whether in training mode.</param>
/// <param name="Given">The parameter that stands for one of the network's own; null where these are used.</param>
/// <param name="Overwrite">Place of an input that may be written into, negative where there is none.</param>
internal readonly record struct LayerMode(bool Training, Func<Tensor, Tensor>? Given = null, int Overwrite = -1);

/// <summary>The normalised images <c>[B, C, H, W]</c>, which come from outside: see <see cref="InputSpec"/>.</summary>
public sealed class ImagesLayer : NetworkLayer
{
    internal ImagesLayer() { }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => throw new NotSupportedException();
}

/// <summary>A 2-D convolution, padded with zeros.</summary>
public sealed class ConvolutionLayer : NetworkLayer
{
    internal ConvolutionLayer(NetworkLayer input, MixedPrecisionConv2d module) : base(input) => Module = module;

    /// <summary>The kernels, fp32 <c>[c, c' / groups, k, k]</c>.</summary>
    public Tensor Weight => Module.Weight;

    /// <summary>What is added to each channel, fp32 <c>[c]</c>; null where nothing is.</summary>
    public Tensor? Bias => Module.Bias;

    /// <summary>Pixels from one place of the kernel to the next, down and across.</summary>
    public int Stride => Module.Stride;

    /// <summary>Zeros on each side.</summary>
    public int Padding => Module.Padding;

    /// <summary>Groups of channels that don't see each other.</summary>
    public int Groups => Module.Groups;

    internal MixedPrecisionConv2d Module { get; }

    internal override bool KeepsOutput => false;

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) =>
        mode.Given is not { } given ? Module.call(inputs[0])
        : Module.With(inputs[0], given(Weight), Bias is null ? null : given(Bias));
}

/// <summary>γ(x - μ)/√(σ² + ε) + β, channel by channel.</summary>
public sealed class BatchNormLayer : NetworkLayer
{
    /// <param name="input">What is normalised.</param>
    /// <param name="module">The batch norm.</param>
    /// <param name="convolution">The convolution whose output nothing else reads, so that the norm can be folded into it; or null.</param>
    internal BatchNormLayer(NetworkLayer input, BatchNormalisation module, MixedPrecisionConv2d? convolution) : base(input) =>
        (Module, Convolution) = (module, convolution);

    /// <summary>γ, <c>[c]</c>.</summary>
    public Tensor Weight => Module.Weight;

    /// <summary>β, <c>[c]</c>.</summary>
    public Tensor Bias => Module.Bias;

    /// <summary>The running mean μ, <c>[c]</c>.</summary>
    public Tensor Mean => Module.Mean;

    /// <summary>The running variance σ², <c>[c]</c>.</summary>
    public Tensor Variance => Module.Variance;

    /// <summary>ε.</summary>
    public double Epsilon => Module.Epsilon;

    internal BatchNormalisation Module { get; }

    internal MixedPrecisionConv2d? Convolution { get; }

    internal override bool KeepsOutput => false;

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) =>
        mode.Given is { } given ? Module.With(inputs[0], given(Weight), given(Bias))
        : Convolution is { Folded: true } ? inputs[0]
        : Module.call(inputs[0]);
}

/// <summary>x where it is positive, elsewhere slope·x, and at most a limit: ReLU with slope 0, else leaky ReLU.</summary>
public sealed class ActivationLayer : NetworkLayer
{
    internal ActivationLayer(NetworkLayer input, double slope, double most) : base(input) => (Slope, Most) = (slope, most);

    /// <summary>The slope below 0.</summary>
    public double Slope { get; }

    /// <summary>The limit; infinite where there is none.</summary>
    public double Most { get; }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode)
    {
        var x = Slope != 0 ? inputs[0].LeakyReLU(Slope) : mode.Overwrite == 0 ? inputs[0].relu_() : inputs[0].relu();
        if (double.IsPositiveInfinity(Most)) return x;
        using (x) return x.AtMostOf(Most);
    }
}

/// <summary>Dropout, which changes nothing in evaluation mode.</summary>
public sealed class DropoutLayer : NetworkLayer
{
    private readonly double probability;

    internal DropoutLayer(NetworkLayer input, double probability) : base(input) => this.probability = probability;

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => nn.functional.dropout(inputs[0], probability, mode.Training);
}

/// <summary>The largest of the pixels of a window, which moves by a stride: as a rule of each 2×2.</summary>
/// <remarks>What doesn't fill a window at the last rows and columns is left out.</remarks>
public sealed class MaxPoolLayer : NetworkLayer
{
    internal MaxPoolLayer(NetworkLayer input, int size, int stride, int padding) : base(input) =>
        (Size, Stride, Padding) = (size, stride, padding);

    /// <summary>Height and width of the window.</summary>
    public int Size { get; }

    /// <summary>Pixels from one place of the window to the next, down and across.</summary>
    public int Stride { get; }

    /// <summary>Pixels on each side that are smaller than any other.</summary>
    public int Padding { get; }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) =>
        nn.functional.max_pool2d(inputs[0], [Size, Size], [Stride, Stride], [Padding, Padding]);
}

/// <summary>Every second pixel, down and across, with channels of zeros before and after the others.</summary>
public sealed class EverySecondLayer : NetworkLayer
{
    internal EverySecondLayer(NetworkLayer input, int before, int after) : base(input) => (Before, After) = (before, after);

    /// <summary>Channels of zeros before the others.</summary>
    public int Before { get; }

    /// <summary>Channels of zeros after the others.</summary>
    public int After { get; }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode)
    {
        var x = inputs[0];
        using var rows = x.slice(2, 0, x.shape[2], 2);
        using var pixels = rows.slice(3, 0, x.shape[3], 2);
        return nn.functional.pad(pixels, [0, 0, 0, 0, Before, After]);
    }
}

/// <summary>The sum of two maps of one shape.</summary>
public sealed class SumLayer : NetworkLayer
{
    internal SumLayer(NetworkLayer first, NetworkLayer second) : base(first, second) { }

    internal override bool KeepsOutput => false;

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) =>
        mode.Overwrite < 0 ? inputs[0].Plus(inputs[1]) : inputs[mode.Overwrite].Increase(inputs[1 - mode.Overwrite]);
}

/// <summary>From the last map to the embedding, in fp32.</summary>
public sealed class ReadoutLayer : NetworkLayer
{
    internal ReadoutLayer(NetworkLayer input, Readout how) : base(input) => How = how;

    /// <summary>What is made of the map.</summary>
    public Readout How { get; }

    internal override Tensor Run(Tensor[] inputs, LayerMode mode)
    {
        // Sums of many pixels need fp32, whatever the convolutions' precision; given parameters may be fp64.
        var map = mode.Given is null ? inputs[0].to(ScalarType.Float32) : inputs[0];
        return How switch
        {
            Readout.Averaged => map.mean([2, 3]),
            Readout.MaxPooled => map.amax([2, 3]),
            _ => map.flatten(1),
        };
    }
}

/// <summary>How a network's last feature map <c>[B, c, h, w]</c> becomes its embedding.</summary>
public enum Readout
{
    /// <summary>The mean of each channel: <c>[B, c]</c>, whatever the size of the images.</summary>
    Averaged,

    /// <summary>The largest number of each channel: <c>[B, c]</c>, whatever the size of the images.</summary>
    MaxPooled,

    /// <summary>All numbers, channel by channel: <c>[B, c·h·w]</c>, so that the size follows that of the images.</summary>
    Flattened,
}

/// <summary>W·x + b of each row x: the classifier, which reads the embedding, or a layer before it.</summary>
public sealed class LinearLayer : NetworkLayer
{
    private readonly Linear module;

    internal LinearLayer(NetworkLayer input, Linear module) : base(input) => this.module = module;

    /// <summary>W, of the classifier <c>[C, d]</c>.</summary>
    public Tensor Weight => module.weight!;

    /// <summary>b, of the classifier <c>[C]</c>.</summary>
    public Tensor Bias => module.bias!;

    internal override Tensor Run(Tensor[] inputs, LayerMode mode) => module.call(inputs[0]);
}
