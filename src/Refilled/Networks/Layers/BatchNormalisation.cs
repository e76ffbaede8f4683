using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks.Layers;

/// <summary>Batch normalisation of maps <c>[B, C, H, W]</c> by channel.</summary>
/// <remarks>Ioffe and Szegedy, ICML 2015; with the engine's names in files, its defaults and its arithmetic. The engine's own
/// module counts its batches by a number that nobody holds: see <see cref="Numbers"/>.</remarks>
internal sealed class BatchNormalisation : nn.Module<Tensor, Tensor>
{
    // Their names are those of the tensors in files.
    private readonly Parameter weight, bias;
    private readonly Tensor running_mean, running_var, num_batches_tracked;

    /// <inheritdoc cref="BatchNormalisation"/>
    /// <param name="channels">Number of channels, C.</param>
    /// <param name="epsilon">What is added to the variance. Default PyTorch's.</param>
    /// <param name="momentum">The newest batch's part in the running statistics. Default PyTorch's.</param>
    public BatchNormalisation(int channels, double epsilon = 1e-5, double momentum = 0.1) : base(nameof(BatchNormalisation))
    {
        (Epsilon, Momentum) = (epsilon, momentum);
        using (NewDisposeScope())
        {
            weight = new Parameter(ones([channels]).DetachFromDisposeScope());
            bias = new Parameter(zeros([channels]).DetachFromDisposeScope());
            foreach (var parameter in new[] { weight, bias }) parameter.DetachFromDisposeScope();
            running_mean = zeros([channels]).DetachFromDisposeScope();
            running_var = ones([channels]).DetachFromDisposeScope();
            num_batches_tracked = zeros([], ScalarType.Int64).DetachFromDisposeScope();
        }
        RegisterComponents();
    }

    /// <summary>γ, <c>[C]</c>.</summary>
    public Tensor Weight => weight;

    /// <summary>β, <c>[C]</c>.</summary>
    public Tensor Bias => bias;

    /// <summary>The running mean, <c>[C]</c>.</summary>
    public Tensor Mean => running_mean;

    /// <summary>The running variance, <c>[C]</c>.</summary>
    public Tensor Variance => running_var;

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>The newest batch's part in the running statistics.</summary>
    public double Momentum { get; set; }

    public override Tensor forward(Tensor input)
    {
        if (training) num_batches_tracked.Increase(1);
        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, Epsilon);
    }

    /// <summary>The same with another γ and β, by the batch's own statistics, without running ones.</summary>
    public Tensor With(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.batch_norm(input, null!, null!, weight, bias, training: true, eps: Epsilon);
}
