using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Multinomial logistic regression on embeddings, with the L2 strength λ that is best on held-out images.</summary>
/// <remarks>W and b minimise the mean cross-entropy plus λ/2·‖W‖². The bias is not penalised. Embeddings are centred and divided by
/// one number, their root mean square, so that a λ means the same whatever the teacher's scale. The solver is a Newton method in
/// fp64 whose steps come from conjugate gradients: without random numbers, and convex, so that the result is a function of the
/// rows.</remarks>
internal sealed record LogisticRegression : EmbeddingClassifier
{
    /// <summary>The λ to choose from, each positive. Default 1, 0.1 … 1e-6.</summary>
    public IReadOnlyList<double> Strengths { get; init; } = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    /// <summary>The largest entry of the gradient at which a fit is done. Default 1e-5.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>Most Newton steps for each λ. Default 100.</summary>
    public int Iterations { get; init; } = 100;

    /// <inheritdoc/>
    public override string Name => "logistic-regression";

    /// <inheritdoc/>
    public override bool ChoosesOnHeldOut => Strengths.Count > 1;

    /// <inheritdoc/>
    public override FittedClassifier Fit(Readings train, Readings heldOut, int classes, CancellationToken cancel = default)
    {
        if (Strengths.Count == 0 || Strengths.Any(strength => !(strength > 0 && double.IsFinite(strength))))
            throw new ArgumentException("Each of the strengths, at least one, must be positive.", nameof(train));
        if (train.Labels.shape[0] == 0) throw new ArgumentException("There are no rows to fit.", nameof(train));
        if (ChoosesOnHeldOut && heldOut.Labels.shape[0] == 0)
            throw new ArgumentException("The L2 strength is chosen on held-out rows, and there are none.", nameof(heldOut));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = train.Embeddings.to(ScalarType.Float64);
        var mean = rows.mean([0]);
        var size = (rows - mean).Squared().mean().sqrt().Number();
        var scale = size > 0 ? size : 1;
        Tensor Scaled(Tensor embeddings) => WithOnes((embeddings.to(ScalarType.Float64) - mean).Over(scale));

        var problem = new SoftmaxProblem(Scaled(train.Embeddings), train.Labels, classes);
        var seen = ChoosesOnHeldOut ? Scaled(heldOut.Embeddings) : null;
        var weights = zeros([classes, rows.shape[1] + 1], ScalarType.Float64, rows.device);
        (double Accuracy, double Loss, double Strength, Tensor Weights)? best = null;
        // From the strongest on, each from the last one's solution: the weaker problems are the slow ones.
        foreach (var strength in Strengths.OrderDescending())
        {
            weights = NewtonSolver.Minimise(problem, strength, weights, Tolerance, Iterations, cancel);
            var (accuracy, loss) = seen is null ? (0, 0) : Score(seen.matmul(weights.transpose(0, 1)), heldOut.Labels);
            // Held-out images are few and accuracies tie often.
            if (best is null || accuracy > best.Value.Accuracy || (accuracy == best.Value.Accuracy && loss < best.Value.Loss))
                best = (accuracy, loss, strength, weights);
        }
        var weight = best!.Value.Weights.narrow(1, 0, rows.shape[1]).Over(scale);
        var bias = best.Value.Weights.select(1, rows.shape[1]) - weight.matmul(mean);
        return new Fitted(weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope(), best.Value.Strength);
    }

    private static Tensor WithOnes(Tensor rows) => cat([rows, ones([rows.shape[0], 1], rows.dtype, rows.device)], 1);

    private static (double Accuracy, double Loss) Score(Tensor logits, Tensor labels) =>
        (TopK.Accuracy(logits, labels, 1), nn.functional.cross_entropy(logits, labels).Number());

    private sealed class Fitted(Tensor weight, Tensor bias, double strength) : FittedClassifier
    {
        public override (Tensor Weight, Tensor Bias)? Linear => (weight, bias);

        public override IReadOnlyDictionary<string, double> Chosen { get; } = new Dictionary<string, double> { ["l2"] = strength };

        public override Tensor Scores(Tensor embeddings, CancellationToken cancel = default)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            return embeddings.to(ScalarType.Float64).matmul(weight.transpose(0, 1)).Plus(bias).MoveToOuterDisposeScope();
        }

        public override void Dispose()
        {
            weight.Dispose();
            bias.Dispose();
        }
    }
}
