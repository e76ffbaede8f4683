using Refilled.Data.Episodes;

namespace Refilled.Tests.FewShot.Losses;

/// <summary>Episodes by plain loops, as the formulas say. Rows are arrays; row s·N + c is image s of class c.</summary>
internal static class NaiveEpisodes
{
    /// <summary>Mean cross-entropy of the queries by the prototypes, which a function adapts.</summary>
    public static double Queries(double[][] rows, EpisodeShape shape, double temperature, Func<double[][], double[][]>? adapt = null)
    {
        double[][] prototypes = [.. Enumerable.Range(0, shape.Way)
            .Select(c => Mean([.. Enumerable.Range(0, shape.Shot).Select(s => rows[s * shape.Way + c])]))];
        return CrossEntropy(rows, shape.Way, shape.Shot * shape.Way, adapt is null ? prototypes : adapt(prototypes), temperature);
    }

    /// <summary>Mean cross-entropy of all images by the means of their classes' images, adapted class by class.</summary>
    public static double Contrast(double[][] rows, EpisodeShape shape, double temperature, Func<double[][], double[][]> adapt) =>
        CrossEntropy(rows, shape.Way, 0,
            [.. Enumerable.Range(0, shape.Way).Select(c => Mean(adapt([.. rows.Where((_, i) => i % shape.Way == c)])))], temperature);

    /// <summary>LayerNorm(P + fc(heads)), row by row.</summary>
    public static double[][] Adapt(double[][] set, int heads, Func<string, double[][]> weight)
    {
        double[] Times(double[][] matrix, double[] x) => [.. matrix.Select(row => Dot(row, x))];
        var (q, k, v) = (set.Select(x => Times(weight("w_qs.weight"), x)).ToArray(), set.Select(x => Times(weight("w_ks.weight"), x))
            .ToArray(), set.Select(x => Times(weight("w_vs.weight"), x)).ToArray());
        var (dk, dv) = (q[0].Length / heads, v[0].Length / heads);
        double[] Part(double[] x, int head, int size) => x[(head * size)..((head + 1) * size)];
        return [.. set.Select((x, i) =>
        {
            var side = new List<double>();
            for (var head = 0; head < heads; head++)
            {
                var scores = set.Select((_, j) => Math.Exp(Dot(Part(q[i], head, dk), Part(k[j], head, dk)) / Math.Sqrt(dk))).ToArray();
                for (var at = 0; at < dv; at++) side.Add(set.Select((_, j) => scores[j] / scores.Sum() * v[j][head * dv + at]).Sum());
            }
            var added = Times(weight("fc.weight"), [.. side]);
            var sum = x.Select((value, at) => value + added[at] + weight("fc.bias")[0][at]).ToArray();
            var mean = sum.Average();
            var deviation = Math.Sqrt(sum.Average(value => (value - mean) * (value - mean)) + 1e-5);
            return sum.Select((value, at) =>
                (value - mean) / deviation * weight("layer_norm.weight")[0][at] + weight("layer_norm.bias")[0][at]).ToArray();
        })];
    }

    private static double CrossEntropy(double[][] rows, int way, int from, double[][] centres, double temperature) =>
        Enumerable.Range(from, rows.Length - from).Average(i =>
        {
            var logits = centres.Select(centre => -rows[i].Zip(centre, (a, b) => (a - b) * (a - b)).Sum() / temperature).ToArray();
            var top = logits.Max();
            return top + Math.Log(logits.Sum(logit => Math.Exp(logit - top))) - logits[i % way];
        });

    private static double[] Mean(double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(at => rows.Average(row => row[at]))];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
