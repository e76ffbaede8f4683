using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A Newton method for the convex <see cref="SoftmaxProblem"/>, without random numbers.</summary>
/// <remarks>Steps by preconditioned conjugate gradients and a backtracking line search (Nocedal and Wright, Numerical Optimization,
/// algorithm 7.1).</remarks>
internal static class NewtonSolver
{
    private const int LongestSearch = 30;

    /// <summary>The weights at the minimum.</summary>
    /// <param name="problem">What is minimised.</param>
    /// <param name="strength">λ.</param>
    /// <param name="start">Where to begin, <c>[C, D]</c>; it is not changed.</param>
    /// <param name="tolerance">The largest entry of the gradient at which the search ends.</param>
    /// <param name="iterations">Most Newton steps.</param>
    /// <param name="cancel">Stops between two products with the rows.</param>
    public static Tensor Minimise(
        SoftmaxProblem problem, double strength, Tensor start, double tolerance, int iterations, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var weights = start;
        var value = problem.Value(weights, strength);
        for (var i = 0; i < iterations; i++)
        {
            using var inner = NewDisposeScope();
            var (gradient, probabilities) = problem.Gradient(weights, strength);
            if (gradient.abs().max().Number() <= tolerance) break;
            var step = Step(problem, gradient, probabilities, strength, cancel);
            if (Search(problem, strength, weights, value, step, (step * gradient).sum().Number(), cancel) is not { } found) break;
            (weights, value) = (found.Weights.MoveToOuterDisposeScope(), found.Value);
        }
        return weights.clone().MoveToOuterDisposeScope();
    }

    /// <summary>The longest of the steps 1, 1/2, 1/4 … that descends enough; null where rounding hides any descent.</summary>
    private static (Tensor Weights, double Value)? Search(SoftmaxProblem problem, double strength, Tensor weights, double value,
        Tensor step, double slope, CancellationToken cancel)
    {
        var length = 1.0;
        for (var tries = 0; tries < LongestSearch; tries++, length /= 2)
        {
            cancel.ThrowIfCancellationRequested();
            var next = weights.Plus(step.Times(length));
            var reached = problem.Value(next, strength);
            if (reached <= value + 1e-4 * length * slope) return (next, reached);
        }
        return null;
    }

    /// <summary>Minus the inverse Hessian times the gradient, the more exact the smaller the gradient is.</summary>
    private static Tensor Step(SoftmaxProblem problem, Tensor gradient, Tensor probabilities, double strength, CancellationToken cancel)
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
            cancel.ThrowIfCancellationRequested();
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

/// <summary>The penalised loss of a linear softmax classifier over fixed rows: value, gradient and curvature.</summary>
/// <remarks>The mean cross-entropy, with λ/2 times the squared norm of all weights but the last column, which is the
/// bias.</remarks>
/// <param name="rows"><c>[N, D]</c>, the last column all ones.</param>
/// <param name="labels">int64 <c>[N]</c>.</param>
/// <param name="classes">Number of classes, C.</param>
internal sealed class SoftmaxProblem(Tensor rows, Tensor labels, int classes)
{
    private readonly Tensor targets = nn.functional.one_hot(labels, classes).to(rows.dtype);
    private readonly Tensor penalised =
        cat([ones([1, rows.shape[1] - 1], rows.dtype, rows.device), zeros([1, 1], rows.dtype, rows.device)], 1);

    private readonly Tensor moments = rows.transpose(0, 1).matmul(rows).Over(rows.shape[0]);

    /// <summary>The value at weights <c>[C, D]</c>.</summary>
    public double Value(Tensor weights, double strength)
    {
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(rows.matmul(weights.transpose(0, 1)), labels);
        return loss.Plus((weights * penalised).Squared().sum().Times(strength / 2)).Number();
    }

    /// <summary>The gradient <c>[C, D]</c>, and the probabilities <c>[N, C]</c> that <see cref="Curvature"/> reads.</summary>
    public (Tensor Gradient, Tensor Probabilities) Gradient(Tensor weights, double strength)
    {
        using var scope = NewDisposeScope();
        var probabilities = nn.functional.softmax(rows.matmul(weights.transpose(0, 1)), 1);
        var gradient = (probabilities - targets).transpose(0, 1).matmul(rows).Over(rows.shape[0]).Plus(weights.Times(strength) * penalised);
        return (gradient.MoveToOuterDisposeScope(), probabilities.MoveToOuterDisposeScope());
    }

    /// <summary>The Hessian times a direction <c>[C, D]</c>.</summary>
    public Tensor Curvature(Tensor probabilities, Tensor direction, double strength)
    {
        using var scope = NewDisposeScope();
        var change = rows.matmul(direction.transpose(0, 1));
        var flow = probabilities * (change - (probabilities * change).sum(dim: 1, keepdim: true));
        return flow.transpose(0, 1).matmul(rows).Over(rows.shape[0]).Plus(direction.Times(strength) * penalised).MoveToOuterDisposeScope();
    }

    /// <summary>What makes conjugate gradients quick: the inverse <c>[D, D]</c> of a rough Hessian.</summary>
    /// <remarks>What the Hessian would be for each class if all probabilities' variances were the mean one. Embeddings lie along
    /// few directions, and so there it counts.</remarks>
    public Tensor Preconditioner(Tensor probabilities, double strength)
    {
        using var scope = NewDisposeScope();
        var variance = (probabilities * probabilities.From(1)).mean().AtLeast(1e-12);
        // The bias is not penalised; a little keeps the matrix regular where the variance is next to nothing.
        return linalg.inv((variance * moments).Plus(diag(penalised.Times(strength).squeeze(0).Plus(1e-12)))).MoveToOuterDisposeScope();
    }
}
