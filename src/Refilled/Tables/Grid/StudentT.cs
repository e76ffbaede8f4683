namespace Refilled.Tables.Grid;

/// <summary>Student's t distribution, with any positive number of degrees of freedom.</summary>
internal static class StudentT
{
    /// <summary>The t with P(T ≤ t) = p.</summary>
    /// <param name="p">From 0.5 to less than 1.</param>
    /// <param name="freedom">Degrees of freedom, above 0.</param>
    public static double Quantile(double p, double freedom)
    {
        if (!(p is >= 0.5 and < 1)) throw new ArgumentOutOfRangeException(nameof(p));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(freedom);
        var (low, high) = (0.0, 1.0);
        while (Cumulative(high, freedom) < p && high < 1e12) high *= 2;
        for (var i = 0; i < 200 && high - low > 1e-13 * high; i++)
        {
            var middle = (low + high) / 2;
            if (Cumulative(middle, freedom) < p) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    /// <summary>P(T ≤ t) for t ≥ 0: 1 - I_x(ν/2, ½)/2 with x = ν/(ν + t²).</summary>
    public static double Cumulative(double t, double freedom) => 1 - Beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;

    /// <summary>The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22) in Lentz's way.</summary>
    private static double Beta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The fraction converges quickly on this side of the mean; the other side is its mirror image.
        if (x > (a + 1) / (a + b + 2)) return 1 - Beta(1 - x, b, a);
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) / a;
        var (value, c, d) = (1.0, 1.0, 0.0);
        for (var i = 0; i <= 10_000; i++)
        {
            var m = i / 2;
            var numerator = i == 0 ? 1.0
                : i % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Away(1 + numerator * d);
            c = Away(1 + numerator / c);
            value *= c * d;
            if (Math.Abs(1 - c * d) < 1e-15) break;
        }
        return front * (value - 1);
    }

    private static double Away(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;

    /// <summary>ln Γ(x) for x > 0, by Stirling's series above 15.</summary>
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++) shift -= Math.Log(x);
        var square = x * x;
        return shift + (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI)
            + (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / (1680 * square)) / square) / square) / x;
    }
}
