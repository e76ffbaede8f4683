using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>A 2-D convolution, as a rule without bias, in fp32 or bf16.</summary>
/// <remarks>The weight is kept in fp32, in the network's layout, and is cast to bf16 in the forward pass where the precision asks
/// for it.</remarks>
internal sealed class MixedPrecisionConv2d : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Precision precision;

    /// <summary>Weight and bias of a frozen network's convolution, already in its precision; null while it can be
    /// trained.</summary>
    /// <remarks>They are no part of the module's state.</remarks>
    private (Tensor Weight, Tensor? Bias)? frozen;

    public MixedPrecisionConv2d(
        int inputs, int outputs, int kernel, int stride, NetworkOptions options, Generator generator, int groups = 1, bool biased = false)
        : base(nameof(MixedPrecisionConv2d))
    {
        (Stride, Padding, Groups, precision) = (stride, kernel / 2, groups, options.Precision);
        using (NewDisposeScope())
        {
            var initial = Initialisation.HeFanOut([outputs, inputs / groups, kernel, kernel], generator, groups);
            // The engine's C# face has no memory_format; this permutation is how a channels-last tensor is made.
            if (options.Layout == Layout.ChannelsLast) initial = initial.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            weight = new Parameter(initial.DetachFromDisposeScope());
            weight.DetachFromDisposeScope();
            if (biased)
            {
                bias = new Parameter(zeros([outputs]).DetachFromDisposeScope());
                bias.DetachFromDisposeScope();
            }
        }
        RegisterComponents();
    }

    public Tensor Weight => weight;

    /// <summary>What is added to each channel, <c>[c]</c>; null where nothing is.</summary>
    public Tensor? Bias => bias;

    public int Stride { get; }

    public int Padding { get; }

    public int Groups { get; }

    /// <summary>Whether a batch norm was folded into it.</summary>
    public bool Folded { get; private set; }

    public override Tensor forward(Tensor input)
    {
        if (frozen is { } kept) return Convolve(input, kept.Weight, kept.Bias);
        if (precision == Precision.Fp32) return Convolve(input, weight, bias);
        using var cast = weight.to(ScalarType.BFloat16);
        using var castBias = bias?.to(ScalarType.BFloat16);
        return Convolve(input, cast, castBias);
    }

    /// <summary>The convolution with another weight and bias, in their type.</summary>
    public Tensor With(Tensor input, Tensor given, Tensor? givenBias) => Convolve(input, given, givenBias);

    /// <summary>Fixes the weight as it is now, in the convolution's precision.</summary>
    /// <param name="norm">The batch norm that reads this output and nothing else, in evaluation mode: y = γ(x - μ)/σ + β is
    /// linear, so γ/σ goes into the weight and β - μγ/σ becomes the bias. Null where there is none.</param>
    public void Freeze(BatchNormalisation? norm = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = precision == Precision.Fp32 ? ScalarType.Float32 : ScalarType.BFloat16;
        Tensor fixedWeight = weight;
        Tensor? fixedBias = bias;
        if (norm is not null)
        {
            var scale = norm.Weight / norm.Variance.Plus(norm.Epsilon).sqrt();
            fixedWeight = weight * scale.view(-1, 1, 1, 1);
            fixedBias = norm.Bias - (bias is null ? norm.Mean : norm.Mean - bias) * scale;
        }
        Thaw();
        frozen = (fixedWeight.detach().to(type, copy: true).DetachFromDisposeScope(),
            fixedBias?.detach().to(type, copy: true).DetachFromDisposeScope());
        Folded = norm is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Thaw();
        base.Dispose(disposing);
    }

    private void Thaw()
    {
        frozen?.Weight.Dispose();
        frozen?.Bias?.Dispose();
        (frozen, Folded) = (null, false);
    }

    private Tensor Convolve(Tensor input, Tensor kernel, Tensor? added) =>
        nn.functional.conv2d(input, kernel, added, strides: [Stride, Stride], padding: [Padding, Padding], groups: Groups);
}
