namespace Refilled.Evaluation;

/// <summary>The 95 % interval of a proportion (Wilson, JASA 1927): it stays within [0, 1], for few images as well.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct WilsonInterval(double Low, double High)
{
    private const double Z = 1.96;

    /// <summary>Of how many were right.</summary>
    /// <param name="right">Images that were right.</param>
    /// <param name="images">All images, at least one.</param>
    public static WilsonInterval Of(int right, int images)
    {
        var (n, p) = ((double)images, right / (double)images);
        var (middle, half) = (p + Z * Z / (2 * n), Z * Math.Sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)));
        return new WilsonInterval(Math.Clamp((middle - half) / (1 + Z * Z / n), 0, 1), Math.Clamp((middle + half) / (1 + Z * Z / n), 0, 1));
    }
}
