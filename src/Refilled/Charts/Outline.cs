namespace Refilled.Charts;

/// <summary>The geometry that both kinds of files share.</summary>
internal static class Outline
{
    /// <summary>Lengths of dash and gap; empty for a whole line.</summary>
    public static double[] Of(Dash dash) => dash switch
    {
        Dash.Long => [9, 4],
        Dash.Short => [5, 3],
        Dash.Dots => [1.5, 3.5],
        _ => [],
    };

    /// <summary>The corners of a sign; none of a circle. All have about the same area.</summary>
    public static IReadOnlyList<(double X, double Y)> Of(Dot dot)
    {
        var (x, y, r) = (dot.X, dot.Y, dot.Radius);
        return dot.Shape switch
        {
            Shape.Square => [(x - 0.89 * r, y - 0.89 * r), (x + 0.89 * r, y - 0.89 * r), (x + 0.89 * r, y + 0.89 * r),
                (x - 0.89 * r, y + 0.89 * r)],
            Shape.Triangle => [(x, y - 1.5 * r), (x + 1.3 * r, y + 0.75 * r), (x - 1.3 * r, y + 0.75 * r)],
            Shape.Diamond => [(x, y - 1.25 * r), (x + 1.25 * r, y), (x, y + 1.25 * r), (x - 1.25 * r, y)],
            _ => [],
        };
    }
}
