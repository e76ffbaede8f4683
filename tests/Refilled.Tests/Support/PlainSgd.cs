using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>Gradient descent with Nesterov's momentum, for tests that train beside the library.</summary>
internal sealed class PlainSgd(IEnumerable<Parameter> parameters, double rate, double momentum, double weightDecay) : IDisposable
{
    private readonly List<(Parameter Parameter, Tensor Velocity)> all =
        [.. parameters.Select(parameter => (parameter, zeros_like(parameter).requires_grad_(false).DetachFromDisposeScope()))];

    public void ZeroGrad()
    {
        foreach (var (parameter, _) in all) parameter.grad = null;
    }

    public void Step()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (parameter, velocity) in all)
        {
            if (parameter.grad is not { } own) continue;
            var gradient = own.Plus(parameter.Times(weightDecay));
            velocity.copy_(velocity.Times(momentum).Plus(gradient));
            parameter.copy_(parameter - gradient.Plus(velocity.Times(momentum)).Times(rate));
        }
    }

    public void Dispose()
    {
        foreach (var (_, velocity) in all) velocity.Dispose();
    }
}
