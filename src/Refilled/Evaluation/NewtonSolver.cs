using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A Newton method with steps by preconditioned conjugate gradients and a backtracking line search (Nocedal and Wright, Numerical
/// Optimization, algorithm 7.1), for the convex <see cref="SoftmaxProblem"/>. It draws no random numbers.</summary>
internal static class NewtonSolver
{
    private const int LongestSearch = 30;

    /// <summary>The weights at the minimum.</summary>
    /// <param name="problem">What is minimised.</param>
    /// <param name="strength">λ.</param>
    /// <param name="start">Where to begin, <c>[C, D]</c>; it is not changed.</param>
    /// <param name="tolerance">The largest entry of the gradient at which the search ends.</param>
    /// <param name="iterations">Most Newton steps.</param>
    public static Tensor Minimise(SoftmaxProblem problem, double strength, Tensor start, double tolerance, int iterations)
    {
        using var scope = NewDisposeScope();
        var weights = start;
        var value = problem.Value(weights, strength);
        for (var i = 0; i < iterations; i++)
        {
            using var inner = NewDisposeScope();
            var (gradient, probabilities) = problem.Gradient(weights, strength);
            if (gradient.abs().max().Number() <= tolerance) break;
            var step = Step(problem, gradient, probabilities, strength);
            if (Search(problem, strength, weights, value, step, (step * gradient).sum().Number()) is not { } found) break;
            (weights, value) = (found.Weights.MoveToOuterDisposeScope(), found.Value);
        }
        return weights.clone().MoveToOuterDisposeScope();
    }

    /// <summary>The longest of the steps 1, 1/2, 1/4 … that descends enough; null where rounding hides any descent.</summary>
    private static (Tensor Weights, double Value)? Search(SoftmaxProblem problem, double strength, Tensor weights, double value, Tensor step, double slope)
    {
        var length = 1.0;
        for (var tries = 0; tries < LongestSearch; tries++, length /= 2)
        {
            var next = weights.Plus(step.Times(length));
            var reached = problem.Value(next, strength);
            if (reached <= value + 1e-4 * length * slope) return (next, reached);
        }
        return null;
    }

    /// <summary>Minus the inverse Hessian times the gradient, the more exact the smaller the gradient is.</summary>
    private static Tensor Step(SoftmaxProblem problem, Tensor gradient, Tensor probabilities, double strength)
    {
        using var scope = NewDisposeScope();
        var precondition = problem.Preconditioner(probabilities, strength);
        var step = zeros_like(gradient);
        var residual = -gradient;
        var scaled = residual.matmul(precondition);
        var direction = scaled;
        var square = (residual * scaled).sum().Number();
        var norm = gradient.Squared().sum().sqrt().Number();
        var enough = Math.Min(0.1, Math.Sqrt(norm)) * norm;
        for (var i = 0; i < gradient.numel() && residual.Squared().sum().sqrt().Number() > enough; i++)
        {
            var curved = problem.Curvature(probabilities, direction, strength);
            var bend = (direction * curved).sum().Number();
            if (!(bend > 1e-300)) break; // the bias of all classes alike changes nothing
            step = step.Plus(direction.Times(square / bend));
            residual = residual - curved.Times(square / bend);
            scaled = residual.matmul(precondition);
            var next = (residual * scaled).sum().Number();
            direction = scaled.Plus(direction.Times(next / square));
            square = next;
        }
        return step.MoveToOuterDisposeScope();
    }
}
