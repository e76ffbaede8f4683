namespace Refilled.Tests.Losses.Features;

/// <summary>The losses on feature maps once more, as plain loops in double precision written from the formulas. Maps are indexed
/// by image, channel, row, column; each function gives the sum over images.</summary>
internal static class NaiveFeatureLosses
{
    /// <summary>Adaptive average pooling: cell i of k covers the pixels floor(i·n/k) to ceil((i+1)·n/k).</summary>
    public static double[][][][] Pool(double[][][][] maps, int height, int width) =>
        [.. maps.Select(image => image.Select(plane => Enumerable.Range(0, height).Select(y => Enumerable.Range(0, width).Select(x =>
        {
            var (h, w) = (plane.Length, plane[0].Length);
            double sum = 0;
            var count = 0;
            for (var i = y * h / height; i < ((y + 1) * h + height - 1) / height; i++)
                for (var j = x * w / width; j < ((x + 1) * w + width - 1) / width; j++) (sum, count) = (sum + plane[i][j], count + 1);
            return sum / count;
        }).ToArray()).ToArray()).ToArray())];

    public static (double[][][][] Student, double[][][][] Teacher) Match(double[][][][] student, double[][][][] teacher)
    {
        var (h, w) = (Math.Min(student[0][0].Length, teacher[0][0].Length), Math.Min(student[0][0][0].Length, teacher[0][0][0].Length));
        return (Pool(student, h, w), Pool(teacher, h, w));
    }

    public static double Attention(double[][][][] student, double[][][][] teacher, double power)
    {
        double[] Map(double[][][] image)
        {
            var pixels = image.Select(Flat).ToArray();
            var means = Enumerable.Range(0, pixels[0].Length)
                .Select(i => pixels.Average(channel => Math.Pow(Math.Abs(channel[i]), power)));
            return NaiveLosses.Unit([.. means]);
        }
        return student.Zip(teacher, (s, t) => Map(s).Zip(Map(t), (x, y) => (x - y) * (x - y)).Average()).Sum();
    }

    public static double Selectivity(double[][][][] student, double[][][][] teacher)
    {
        double Kernel(double[][] a, double[][] b)
        {
            double sum = 0;
            foreach (var x in a)
                foreach (var y in b) sum += Math.Pow(x.Zip(y, (p, q) => p * q).Sum(), 2);
            return sum / (a.Length * b.Length);
        }
        double sum = 0;
        for (var n = 0; n < student.Length; n++)
        {
            var s = student[n].Select(Flat).Select(NaiveLosses.Unit).ToArray();
            var t = teacher[n].Select(Flat).Select(NaiveLosses.Unit).ToArray();
            sum += Kernel(t, t) + Kernel(s, s) - 2 * Kernel(s, t);
        }
        return sum;
    }

    /// <param name="weight">R, <c>[c'][c]</c>.</param>
    public static double Hint(double[][][][] student, double[][][][] teacher, double[][] weight, double[] bias)
    {
        var made = Mix(student, weight, bias);
        return made.Zip(teacher, (m, t) => m.SelectMany(Flat).Zip(t.SelectMany(Flat), (x, y) => (x - y) * (x - y)).Average()).Sum();
    }

    public static double Information(
        double[][][][] student, double[][][][] teacher, double[][] w1, double[][] w2, double[][] w3, double[] scale, double least)
    {
        static double[][][][] Relu(double[][][][] maps) =>
            [.. maps.Select(image => image.Select(Positive).ToArray())];
        static double[][] Positive(double[][] plane) => [.. plane.Select(row => row.Select(x => Math.Max(0, x)).ToArray())];
        var mean = Mix(Relu(Mix(Relu(Mix(student, w1)), w2)), w3);
        double sum = 0;
        for (var n = 0; n < teacher.Length; n++)
        {
            sum += Enumerable.Range(0, scale.Length).Average(c =>
            {
                var variance = Math.Log(1 + Math.Exp(scale[c])) + least;
                return Flat(mean[n][c])
                    .Zip(Flat(teacher[n][c]), (m, t) => 0.5 * ((m - t) * (m - t) / variance + Math.Log(variance)))
                    .Average();
            });
        }
        return sum;
    }

    private static double[] Flat(double[][] plane) => [.. plane.SelectMany(row => row)];

    /// <summary>A 1×1 convolution.</summary>
    private static double[][][][] Mix(double[][][][] maps, double[][] weight, double[]? bias = null) =>
        [.. maps.Select(image => weight.Select((row, c) =>
            Enumerable.Range(0, image[0].Length).Select(y =>
                Enumerable.Range(0, image[0][0].Length).Select(x =>
                    (bias?[c] ?? 0) + row.Select((w, k) => w * image[k][y][x]).Sum()).ToArray()).ToArray()).ToArray())];
}
