namespace Refilled.Tests.FewShot.Losses;

/// <summary>MAML on a linear model of two layers, <c>logits = W·(A·x) + b</c>, once more as plain loops in double precision.</summary>
/// <param name="A"><c>[d][pixels]</c>.</param>
/// <param name="W"><c>[N][d]</c>.</param>
/// <param name="B"><c>[N]</c>.</param>
internal sealed record NaiveMaml(double[][] A, double[][] W, double[] B)
{
    /// <summary>The parameters after steps on the mean cross-entropy of a support.</summary>
    public NaiveMaml Adapt(double[][] x, int[] y, int steps, double rate)
    {
        var at = this;
        for (var step = 0; step < steps; step++)
        {
            var slope = at.Slope(x, y);
            at = at.Plus(slope, -rate / x.Length);
        }
        return at;
    }

    /// <summary>The sum of the cross-entropies.</summary>
    public double Loss(double[][] x, int[] y) => x.Select((row, i) =>
    {
        var logits = Logits(Embed(row));
        return Math.Log(logits.Sum(Math.Exp)) - logits[y[i]];
    }).Sum();

    /// <summary>The gradient of <see cref="Loss"/>.</summary>
    public NaiveMaml Slope(double[][] x, int[] y)
    {
        var slope = new NaiveMaml([.. A.Select(row => new double[row.Length])],
            [.. W.Select(row => new double[row.Length])], new double[B.Length]);
        for (var i = 0; i < x.Length; i++)
        {
            var z = Embed(x[i]);
            var exp = Logits(z).Select(Math.Exp).ToArray();
            for (var c = 0; c < B.Length; c++)
            {
                var delta = exp[c] / exp.Sum() - (y[i] == c ? 1 : 0);
                slope.B[c] += delta;
                for (var k = 0; k < z.Length; k++)
                {
                    slope.W[c][k] += delta * z[k];
                    for (var p = 0; p < x[i].Length; p++) slope.A[k][p] += delta * W[c][k] * x[i][p];
                }
            }
        }
        return slope;
    }

    public NaiveMaml Plus(NaiveMaml other, double factor)
    {
        double[] Row(double[] own, double[] added) => [.. own.Zip(added, (p, q) => p + factor * q)];
        return new NaiveMaml([.. A.Zip(other.A, Row)], [.. W.Zip(other.W, Row)], Row(B, other.B));
    }

    /// <summary>The inner product of all entries.</summary>
    public double Dot(NaiveMaml other) =>
        A.Concat(W).Append(B).Zip(other.A.Concat(other.W).Append(other.B), (p, q) => p.Zip(q, (a, b) => a * b).Sum()).Sum();

    private double[] Embed(double[] x) => [.. A.Select(row => row.Zip(x, (a, b) => a * b).Sum())];

    private double[] Logits(double[] z) => [.. W.Select((row, c) => row.Zip(z, (a, b) => a * b).Sum() + B[c])];
}
