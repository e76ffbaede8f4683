using Refilled.Data;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>Random rows and labels for tests of losses.</summary>
internal static class Rows
{
    public static Tensor Random(int count, int size, int seed, double scale = 1)
    {
        using var generator = new Generator((ulong)seed);
        return randn([count, size], ScalarType.Float32, generator: generator).Times(scale);
    }

    public static double[][] Doubles(Tensor rows)
    {
        var flat = rows.detach().to(ScalarType.Float64).contiguous();
        var values = flat.numel() == 0 ? [] : flat.data<double>().ToArray();
        var width = (int)rows.shape[1];
        return [.. Enumerable.Range(0, (int)rows.shape[0]).Select(i => values[(i * width)..((i + 1) * width)])];
    }

    public static Batch Batch(params long[] labels) =>
        Refilled.Data.Batch.Owning(zeros([labels.Length, 1, 1, 1], ScalarType.Byte), tensor(labels),
            new long[labels.Length], new int[labels.Length]);

    /// <summary>A central difference of a function of one row-matrix agrees with a gradient, in random directions.</summary>
    public static void GradientAgrees(Tensor at, Tensor gradient, Func<Tensor, double> value, double tolerance = 2e-3)
    {
        for (var seed = 0; seed < 4; seed++)
        {
            using var scope = NewDisposeScope();
            var direction = Random((int)at.shape[0], (int)at.shape[1], 1000 + seed).to(ScalarType.Float64);
            const double step = 1e-5;
            var point = at.detach().to(ScalarType.Float64);
            var difference = (value(point.Plus(direction.Times(step))) - value(point.Plus(direction.Times(-step)))) / (2 * step);
            var slope = (gradient.to(ScalarType.Float64) * direction).sum().Number();
            Assert.True(Math.Abs(difference - slope) <= tolerance * Math.Max(Math.Abs(slope), 1e-4),
                $"slope {slope}, difference {difference}");
        }
    }
}
