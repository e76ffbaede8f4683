using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Stochastic gradient descent with Nesterov momentum and weight decay on all parameters, as PyTorch defines it.</summary>
/// <remarks>g += λw; v = μv + g; w -= η(g + μv). Ours rather than the engine's for two reasons: its momentum can be read and set by
/// name, which exact resume needs, and a step can be left out by a flag that stays on the device.</remarks>
internal sealed class Sgd : IDisposable
{
    private readonly List<(string Name, Parameter Parameter, Tensor Velocity, double Rate)> parameters;
    private readonly double momentum, weightDecay;

    /// <inheritdoc cref="Sgd"/>
    /// <param name="parameters">The parameters by name.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="rates">The factor of η for a parameter of that name. Default: 1 for all.</param>
    public Sgd(
        IEnumerable<(string Name, Parameter Parameter)> parameters, double momentum, double weightDecay, Func<string, double>? rates = null)
    {
        (this.momentum, this.weightDecay) = (momentum, weightDecay);
        using var _ = no_grad();
        this.parameters =
        [
            .. parameters.Select(p =>
                (p.Name, p.Parameter, zeros_like(p.Parameter).DetachFromDisposeScope(), rates?.Invoke(p.Name) ?? 1)),
        ];
    }

    /// <summary>The velocity v of each parameter by name; writing into these tensors restores a saved state.</summary>
    public IReadOnlyDictionary<string, Tensor> Velocities => parameters.ToDictionary(p => p.Name, p => p.Velocity);

    /// <summary>Clears the gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter, _, _) in parameters) parameter.grad = null;
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="learningRate">η.</param>
    /// <param name="applies">Scalar fp32, 1 or 0: with 0 neither weights nor velocities change.</param>
    public void Step(double learningRate, Tensor applies)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (applies.device_type == DeviceType.CPU) StepEach(learningRate, applies);
        else StepTogether(learningRate, applies);
    }

    /// <summary>The update on a processor, where a launch costs next to nothing: results are what they were.</summary>
    internal void StepEach(double learningRate, Tensor applies)
    {
        // μ where the step applies, 1 (the velocity stays) where it doesn't.
        var keep = applies.Times(momentum - 1).Plus(1);
        var look = applies.Times(momentum);
        foreach (var (_, parameter, velocity, rate) in parameters)
        {
            if (parameter.grad is not { } gradient) continue;
            using var update = gradient.Plus(parameter, weightDecay).mul_(applies);
            velocity.mul_(keep).Increase(update);
            using var ahead = velocity * look;
            parameter.Increase(update.Increase(ahead), -learningRate * rate);
        }
    }

    /// <summary>The update on a GPU: a launch for all parameters of a rate.</summary>
    internal void StepTogether(double learningRate, Tensor applies)
    {
        var skip = applies.From(1);
        foreach (var group in parameters.Where(p => p.Parameter.grad is not null).GroupBy(p => p.Rate))
        {
            FusedUpdate.Apply(
                [.. group.Select(p => p.Parameter)],
                [.. group.Select(p => FusedUpdate.LaidOutAs(p.Parameter, p.Parameter.grad!))],
                [.. group.Select(p => p.Velocity)], learningRate * group.Key, momentum, weightDecay, skip);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, velocity, _) in parameters) velocity.Dispose();
    }
}
