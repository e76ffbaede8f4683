using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>The mean cross-entropy of a linear softmax classifier over fixed rows, with λ/2 times the squared norm of all weights but
/// the last column, which is the bias: value, gradient and curvature.</summary>
/// <param name="rows"><c>[N, D]</c>, the last column all ones.</param>
/// <param name="labels">int64 <c>[N]</c>.</param>
/// <param name="classes">Number of classes, C.</param>
internal sealed class SoftmaxProblem(Tensor rows, Tensor labels, int classes)
{
    private readonly Tensor targets = nn.functional.one_hot(labels, classes).to(rows.dtype);
    private readonly Tensor penalised = cat([ones([1, rows.shape[1] - 1], rows.dtype, rows.device), zeros([1, 1], rows.dtype, rows.device)], 1);

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

    /// <summary>The inverse <c>[D, D]</c> of what the Hessian would be for each class if all probabilities' variances were the mean
    /// one. It makes conjugate gradients quick where embeddings lie along few directions, as they do.</summary>
    public Tensor Preconditioner(Tensor probabilities, double strength)
    {
        using var scope = NewDisposeScope();
        var variance = (probabilities * probabilities.From(1)).mean().AtLeast(1e-12);
        // The bias is not penalised; a little keeps the matrix regular where the variance is next to nothing.
        return linalg.inv((variance * moments).Plus(diag(penalised.Times(strength).squeeze(0).Plus(1e-12)))).MoveToOuterDisposeScope();
    }
}
