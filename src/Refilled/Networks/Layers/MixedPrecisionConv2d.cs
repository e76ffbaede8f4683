using Refilled.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>A 2-D convolution without bias whose weight is kept in fp32 and channels-last, and is cast to bf16 in the
/// forward pass where the precision asks for it.</summary>
internal sealed class MixedPrecisionConv2d : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly int stride, padding, groups;
    private readonly Precision precision;

    public MixedPrecisionConv2d(int inputs, int outputs, int kernel, int stride, Precision precision, Generator generator, int groups = 1) : base(nameof(MixedPrecisionConv2d))
    {
        (this.stride, padding, this.precision, this.groups) = (stride, kernel / 2, precision, groups);
        using (NewDisposeScope())
        {
            var initial = Initialisation.HeFanOut([outputs, inputs / groups, kernel, kernel], generator, groups);
            // The engine's C# face has no memory_format; this permutation is how a channels-last tensor is made.
            weight = new Parameter(initial.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).DetachFromDisposeScope());
            weight.DetachFromDisposeScope();
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (precision == Precision.Fp32) return nn.functional.conv2d(input, weight, strides: [stride, stride], padding: [padding, padding], groups: groups);
        using var cast = weight.to(ScalarType.BFloat16);
        return nn.functional.conv2d(input, cast, strides: [stride, stride], padding: [padding, padding], groups: groups);
    }
}
