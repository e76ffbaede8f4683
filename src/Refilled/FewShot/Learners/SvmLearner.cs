using Refilled.Networks;
using Refilled.Recipes;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>A linear support vector machine for each class against the rest, with squared hinge loss.</summary>
/// <remarks>On the unit-normalised support embeddings with a constant 1 beside them as bias; a query gets the class of the largest
/// score, the first on ties. Embeddings are brought to unit length, not standardised: a C then means the same whatever the
/// network's scale, and unlike a mean and a deviation a length needs no second image, of which a task with one shot has few. (On 20
/// CIFAR-100 classes that a WRN-16-2 had not seen, 5-way with 1, 5 and 30 shots, C = 1: 53.4, 69.5, 79.1 % against 49.4, 67.5, 78.8
/// % standardised by the support.)</remarks>
/// <param name="network">The network that embeds.</param>
public sealed class SvmLearner(EmbeddingNetwork network) : EmbeddingLearner(network)
{
    /// <summary>The largest projected gradient at which a machine counts as fitted; scores at the margin are 1.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Most sweeps, as LIBLINEAR's iterations.</summary>
    private const int Sweeps = 1000;

    /// <summary>C, what a violated margin costs against the weights' size. Default 1.</summary>
    /// <remarks>The best of 0.1, 1 and 10 on the same tasks with 5 and 30 shots; <see cref="ChooseC"/> chooses it for a
    /// network.</remarks>
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
    public static double ChooseC(EmbeddingNetwork network, FewShotTasks validation, IReadOnlyList<double>? candidates = null,
        CancellationToken cancel = default)
    {
        candidates ??= Candidates;
        if (candidates.Count == 0) throw new InputException("There is no C to choose from; give at least one.");
        if (candidates.SelectMany(c => Check.Positive("C", c)).FirstOrDefault() is ({ } option, { } wrong))
            throw new InputException($"{option} {wrong}.");
        return candidates.Order().MaxBy(c => FewShotEvaluator.Evaluate(new SvmLearner(network) { C = c }, validation, cancel: cancel).Mean);
    }

    /// <inheritdoc/>
    protected internal override Tensor Classify(Tensor support, Tensor labels, Tensor queries, int way)
    {
        // Numbers of our own rather than tensors: the matrices are small and the solver reads them entry by entry.
        var (rows, asked) = (UnitWithOne(support), UnitWithOne(queries));
        double[] products = [.. rows.SelectMany(row => rows.Select(other => Vectors.Dot(row, other)))];
        var classes = labels.data<long>().ToArray();
        var weights = new double[way][];
        for (var c = 0; c < way; c++)
        {
            var beta = SquaredHinge.Solve(products, [.. classes.Select(label => label == c ? 1.0 : -1)], C, Tolerance, Sweeps);
            weights[c] = new double[rows[0].Length];
            for (var i = 0; i < beta.Length; i++) Vectors.Add(weights[c], beta[i], rows[i]);
        }
        // The first of equals.
        return tensor(asked.Select(row => (long)Enumerable.Range(0, way).MaxBy(c => Vectors.Dot(weights[c], row))).ToArray());
    }

    /// <summary>Rows <c>[n, d]</c> divided by their length, unless that is 0, with a 1 at the end.</summary>
    private static double[][] UnitWithOne(Tensor embeddings)
    {
        var (values, size) = (embeddings.contiguous().data<float>().ToArray(), (int)embeddings.shape[1]);
        return [.. values.Chunk(size).Select(row =>
        {
            var norm = Math.Sqrt(row.Sum(x => (double)x * x));
            return row.Select(x => x / (norm > 0 ? norm : 1)).Append(1).ToArray();
        })];
    }
}

/// <summary>The options of <see cref="SvmLearner"/>.</summary>
public sealed record SvmOptions : IValidated
{
    /// <inheritdoc cref="SvmLearner.C"/>
    /// <remarks>Default: none, and it is chosen on tasks of validation classes; see <see cref="SvmLearner.ChooseC"/>.</remarks>
    public double? C { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() => Check.Positive("c", C);
}
