using Refilled.Mining;
using Refilled.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>A linear support vector machine for each class against the rest, with squared hinge loss, on the unit-normalised support
/// embeddings with a constant 1 beside them as bias; a query gets the class of the largest score, the first on ties.</summary>
/// <remarks>Embeddings are brought to unit length, not standardised: a C then means the same whatever the network's scale, and unlike a
/// mean and a deviation a length needs no second image, of which a task with one shot has few.</remarks>
/// <param name="network">The network that embeds.</param>
public sealed class SvmLearner(EmbeddingNetwork network) : EmbeddingLearner(network)
{
    /// <summary>At that largest projected gradient a machine is fitted: scores at the margin are 1.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Most sweeps, as LIBLINEAR's iterations.</summary>
    private const int Sweeps = 1000;

    /// <summary>C, what a violated margin costs against the weights' size. Default 1.</summary>
    public double C { get; init; } = 1;

    /// <inheritdoc/>
    public override string Name => "svm";

    /// <summary>What <see cref="ChooseC"/> chooses from: 0.01, 0.1 … 1000.</summary>
    public static IReadOnlyList<double> Candidates { get; } = [0.01, 0.1, 1, 10, 100, 1000];

    /// <summary>The C with the highest accuracy over tasks of validation classes; the smallest of equals.</summary>
    /// <param name="network">The network that embeds.</param>
    /// <param name="validation">Tasks of classes that are neither trained on nor tested.</param>
    /// <param name="candidates">Each positive. Default: <see cref="Candidates"/>.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="InputException">There is no candidate, or one isn't positive.</exception>
    public static double ChooseC(EmbeddingNetwork network, FewShotTasks validation, IReadOnlyList<double>? candidates = null, CancellationToken cancel = default)
    {
        candidates ??= Candidates;
        if (candidates.Count == 0) throw new InputException("There is no C to choose from; give at least one.");
        if (candidates.Where(c => !(c > 0 && double.IsFinite(c))).Select(c => (double?)c).FirstOrDefault() is { } wrong) throw new InputException($"C must be positive, not {wrong}.");
        return candidates.Order().MaxBy(c => FewShotEvaluator.Evaluate(new SvmLearner(network) { C = c }, validation, cancel: cancel).Mean);
    }

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way)
    {
        var (rows, asked) = (WithOne(support), WithOne(queries));
        var products = rows.matmul(rows.transpose(0, 1)).data<double>().ToArray();
        var classes = labels.data<long>().ToArray();
        var weights = new double[way, classes.Length];
        for (var c = 0; c < way; c++)
        {
            var beta = SquaredHinge.Solve(products, [.. classes.Select(label => label == c ? 1.0 : -1)], C, Tolerance, Sweeps);
            for (var i = 0; i < beta.Length; i++) weights[c, i] = beta[i];
        }
        return asked.matmul(rows.transpose(0, 1)).matmul(tensor(weights).transpose(0, 1)).argmax(1);
    }

    /// <summary>fp64 unit rows with a last column of ones.</summary>
    private static Tensor WithOne(Tensor rows) => cat([Distances.Unit(rows.to(ScalarType.Float64)), ones([rows.shape[0], 1], ScalarType.Float64)], 1);
}
