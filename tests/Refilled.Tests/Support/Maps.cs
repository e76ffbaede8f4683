using Refilled.Losses;
using Refilled.Losses.Features;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Tests.Support;

/// <summary>Random feature maps for tests of losses.</summary>
internal static class Maps
{
    public static Tensor Random(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, ScalarType.Float32, generator: generator);
    }

    public static Signals Signals(params Tensor[] maps) => new(featureMaps: maps);

    public static SignalShapes Shapes(Tensor[] student, Tensor[] teacher) =>
        new(2, 1, 1) { StudentMaps = [.. student.Select(Shape)], TeacherMaps = [.. teacher.Select(Shape)] };

    /// <summary>Indexed by image, channel, row, column.</summary>
    public static double[][][][] Doubles(Tensor maps)
    {
        var values = maps.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        var (c, h, w) = ((int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3]);
        double[][] Plane(int at) => [.. Enumerable.Range(0, h).Select(y => values[(at + y * w)..(at + y * w + w)])];
        return [.. Enumerable.Range(0, (int)maps.shape[0])
            .Select(n => Enumerable.Range(0, c).Select(k => Plane((n * c + k) * h * w)).ToArray())];
    }

    /// <summary>A central difference of a function of maps agrees with a gradient, in random directions.</summary>
    public static void GradientAgrees(Tensor at, Tensor? gradient, Func<Tensor, double> value)
    {
        Assert.NotNull(gradient);
        long[] flat = [at.shape[0], at.numel() / at.shape[0]];
        Rows.GradientAgrees(at.detach().contiguous().view(flat), gradient.contiguous().view(flat), rows => value(rows.view(at.shape)));
    }

    private static FeatureShape Shape(Tensor map) => new((int)map.shape[1], (int)map.shape[2], (int)map.shape[3]);
}
