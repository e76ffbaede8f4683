namespace Refilled.Evaluation.Clustering;

/// <summary>A map of rows on which neighbours stay neighbours: exact t-SNE.</summary>
/// <remarks><para>P_ij = (P_j|i + P_i|j) / 2N, where P_j|i is a Gaussian around row i whose width gives it the perplexity; Q_ij in
/// proportion to 1 / (1 + |y_i - y_j|²); KL(P ‖ Q) is minimised by gradient descent with momentum and gains. Van der Maaten and Hinton,
/// JMLR 2008; the attraction is 12 times as strong in the first quarter, and the learning rate N / 48, at least 50 (N / 12 of a gradient
/// without its 4: Belkina et al., Nature Communications 2019). It begins at the first two principal components, so that nothing in it is
/// random.</para>
/// <para>All pairs are looked at in each step: meant for up to 3,000 rows. Distances between groups of a map mean little, and neither do
/// the groups' sizes.</para></remarks>
/// <param name="Places">Where each row lies, <c>[N, 2]</c>.</param>
/// <param name="Divergence">KL(P ‖ Q) in the end, in nats.</param>
internal sealed record NeighbourMap(double[][] Places, double Divergence)
{
    /// <summary>Most rows.</summary>
    public const int MostRows = 3000;

    private const int Steps = 1000, Exaggerated = 250;
    private const double Exaggeration = 12, LeastGain = 0.01, Tolerance = 1e-6;

    /// <summary>Makes the map.</summary>
    /// <param name="rows">N rows of finite numbers, at least two in each.</param>
    /// <param name="perplexity">About how many neighbours count, from 1 to less than N - 1.</param>
    /// <param name="cancel">Stops between two steps.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MostRows"/> rows, fewer than the perplexity asks for, or a number
    /// is NaN or infinite.</exception>
    public static NeighbourMap Of(IReadOnlyList<double[]> rows, double perplexity, CancellationToken cancel = default)
    {
        if (rows.Count > MostRows) throw new ArgumentException($"{rows.Count} rows are more than {MostRows}.", nameof(rows));
        var similar = Similarities(rows, perplexity);
        var start = PrincipalComponents.Of(rows, 2);
        var spread = Math.Sqrt(start.Variances[0]);
        var places = start.Places.Select(place => place.Select(x => spread > 0 ? 1e-4 * x / spread : 0).ToArray()).ToArray();
        var rate = Math.Max(50, rows.Count / Exaggeration / 4);
        var kernel = Triangle(rows.Count);
        var (velocity, gain) = (Zeros(rows.Count), Zeros(rows.Count));
        foreach (var own in gain) Array.Fill(own, 1);
        for (var step = 0; step < Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var gradient = Slope(similar, places, step < Exaggerated ? Exaggeration : 1, kernel);
            var momentum = step < Exaggerated ? 0.5 : 0.8;
            for (var i = 0; i < rows.Count; i++)
                for (var j = 0; j < 2; j++)
                {
                    gain[i][j] = Math.Max(LeastGain, gradient[i][j] * velocity[i][j] < 0 ? gain[i][j] + 0.2 : gain[i][j] * 0.8);
                    velocity[i][j] = momentum * velocity[i][j] - rate * gain[i][j] * gradient[i][j];
                    places[i][j] += velocity[i][j];
                }
        }
        return new(places, DivergenceOf(similar, places, kernel));
    }

    /// <summary>P, <c>[N, N]</c>, symmetric, with sum 1 and 0 on the diagonal.</summary>
    /// <inheritdoc cref="Of"/>
    internal static double[][] Similarities(IReadOnlyList<double[]> rows, double perplexity)
    {
        var count = rows.Count;
        if (!(perplexity >= 1 && perplexity < count - 1))
            throw new ArgumentException($"The perplexity must be from 1 to less than {count - 1} for {count} rows, not {perplexity}.",
                nameof(perplexity));
        if (rows.Any(row => row.Any(number => !double.IsFinite(number))))
            throw new ArgumentException("A number of the rows is NaN or infinite.", nameof(rows));
        var conditional = new double[count][];
        for (var i = 0; i < count; i++) conditional[i] = Around(i, [.. rows.Select(row => KMeans.Squared(rows[i], row))], perplexity);
        var similar = new double[count][];
        for (var i = 0; i < count; i++)
        {
            similar[i] = new double[count];
            for (var j = 0; j < count; j++) similar[i][j] = (conditional[i][j] + conditional[j][i]) / (2 * count);
        }
        return similar;
    }

    /// <summary>P_j|i for a row, with the perplexity that is wanted, to a part in a million.</summary>
    /// <remarks>The Gaussian's precision is found by bisection. Where so many rows stand on its own place that no width does, it is
    /// what the last of 200 steps gives.</remarks>
    /// <param name="own">The row's number, whose own part is 0.</param>
    /// <param name="squared">Its squared distances to all rows.</param>
    /// <param name="perplexity">e to the entropy that is wanted.</param>
    internal static double[] Around(int own, double[] squared, double perplexity)
    {
        var part = new double[squared.Length];
        var nearest = squared.Where((_, j) => j != own).Min();
        var (low, high, precision) = (0.0, double.PositiveInfinity, 1.0);
        for (var step = 0; step < 200; step++)
        {
            var (sum, weighted) = (0.0, 0.0);
            for (var j = 0; j < squared.Length; j++)
            {
                var farther = squared[j] - nearest;
                part[j] = j == own ? 0 : Math.Exp(-farther * precision);
                (sum, weighted) = (sum + part[j], weighted + (j == own ? 0 : farther * part[j]));
            }
            for (var j = 0; j < part.Length; j++) part[j] /= sum;
            var reached = Math.Exp(Math.Log(sum) + precision * weighted / sum);
            if (Math.Abs(reached / perplexity - 1) < Tolerance) break;
            if (reached > perplexity) low = precision;
            else high = precision;
            precision = double.IsInfinity(high) ? precision * 2 : (low + high) / 2;
        }
        return part;
    }

    /// <summary>The gradient of KL(P ‖ Q) by the places, <c>[N, 2]</c>.</summary>
    /// <remarks>4 Σ_j (f·P_ij - Q_ij)(y_i - y_j) / (1 + |y_i - y_j|²).</remarks>
    /// <param name="similar">P.</param>
    /// <param name="places">y, <c>[N, 2]</c>.</param>
    /// <param name="factor">f; 1 for the divergence's own gradient.</param>
    /// <param name="kernel">Where the kernel's values go: row i has i of them.</param>
    internal static double[][] Slope(double[][] similar, double[][] places, double factor, double[][] kernel)
    {
        var sum = Kernel(places, kernel);
        var gradient = Zeros(places.Length);
        for (var i = 0; i < places.Length; i++)
            for (var j = 0; j < i; j++)
            {
                var pull = 4 * (factor * similar[i][j] - kernel[i][j] / sum) * kernel[i][j];
                var (x, y) = (pull * (places[i][0] - places[j][0]), pull * (places[i][1] - places[j][1]));
                (gradient[i][0], gradient[i][1]) = (gradient[i][0] + x, gradient[i][1] + y);
                (gradient[j][0], gradient[j][1]) = (gradient[j][0] - x, gradient[j][1] - y);
            }
        return gradient;
    }

    /// <summary>KL(P ‖ Q).</summary>
    /// <inheritdoc cref="Slope"/>
    internal static double DivergenceOf(double[][] similar, double[][] places, double[][] kernel)
    {
        var sum = Kernel(places, kernel);
        var divergence = 0.0;
        for (var i = 0; i < places.Length; i++)
            for (var j = 0; j < i; j++)
                if (similar[i][j] is > 0 and var p) divergence += 2 * p * Math.Log(p * sum / kernel[i][j]);
        return divergence;
    }

    /// <summary>1 / (1 + |y_i - y_j|²) for each pair.</summary>
    /// <returns>The sum over both orders of each pair.</returns>
    private static double Kernel(double[][] places, double[][] kernel)
    {
        var sum = 0.0;
        for (var i = 0; i < places.Length; i++)
            for (var j = 0; j < i; j++)
            {
                var (x, y) = (places[i][0] - places[j][0], places[i][1] - places[j][1]);
                sum += 2 * (kernel[i][j] = 1 / (1 + x * x + y * y));
            }
        return sum;
    }

    /// <summary>Room for a value of each pair.</summary>
    internal static double[][] Triangle(int count) => [.. Enumerable.Range(0, count).Select(i => new double[i])];

    private static double[][] Zeros(int count) => [.. Enumerable.Range(0, count).Select(_ => new double[2])];
}
