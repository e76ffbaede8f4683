using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>Gradient steps on parameters that stay a function of those they began with, so that what comes of them can be
/// differentiated in turn.</summary>
internal static class InnerLoop
{
    /// <summary>θ ← θ - η ∇L(θ), some times.</summary>
    /// <param name="parameters">θ by name, each with a gradient; L reads all of them.</param>
    /// <param name="loss">L, a scalar.</param>
    /// <param name="steps">How often.</param>
    /// <param name="rate">η.</param>
    /// <param name="firstOrder">Whether ∇L(θ) counts as a constant, which leaves the second derivatives out.</param>
    public static IReadOnlyDictionary<string, Tensor> Adapt(IReadOnlyDictionary<string, Tensor> parameters, Func<IReadOnlyDictionary<string, Tensor>, Tensor> loss, int steps, double rate, bool firstOrder)
    {
        using var scope = NewDisposeScope();
        var adapted = parameters;
        for (var step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            var (names, values) = (adapted.Keys.ToList(), adapted.Values.ToList());
            var gradients = autograd.grad([loss(adapted)], values, retain_graph: !firstOrder, create_graph: !firstOrder);
            adapted = names.Zip(values.Zip(gradients, (value, gradient) => (value - gradient.Times(rate)).MoveToOuterDisposeScope())).ToDictionary(pair => pair.First, pair => pair.Second);
        }
        if (steps > 0) foreach (var value in adapted.Values) value.MoveToOuterDisposeScope();
        return adapted;
    }
}
