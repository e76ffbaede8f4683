namespace Refilled.Data.Creatures;

/// <summary>A flat shape in a creature's own plane: x forwards, y up, the body about 1 long.</summary>
internal abstract record Shape
{
    /// <summary>Distance to the edge, negative inside; exact near the edge, where it decides how much of a pixel is covered.</summary>
    public abstract double Distance(double x, double y);

    /// <summary>Rotation by an angle given as t = tan(angle / 2).</summary>
    /// <remarks>Cosine and sine without a library that differs between machines.</remarks>
    public static (double Cos, double Sin) Turn(double t) => ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t));
}

/// <summary>An ellipse, turned by <paramref name="T"/> = tan(angle / 2).</summary>
internal sealed record Ellipse(double X, double Y, double Rx, double Ry, double T = 0) : Shape
{
    private readonly (double Cos, double Sin) turn = Turn(T);

    public override double Distance(double x, double y)
    {
        var (dx, dy) = (x - X, y - Y);
        var (u, v) = ((dx * turn.Cos + dy * turn.Sin) / Rx, (dy * turn.Cos - dx * turn.Sin) / Ry);
        var (length, slope) = (Math.Sqrt(u * u + v * v), Math.Sqrt(u * u / (Rx * Rx) + v * v / (Ry * Ry)));
        // First-order distance: the implicit function over the length of its gradient.
        return slope < 1e-9 ? -Math.Min(Rx, Ry) : length * (length - 1) / slope;
    }
}

/// <summary>A line with round ends and a thickness that changes evenly.</summary>
internal sealed record Capsule(double X0, double Y0, double X1, double Y1, double R0, double R1) : Shape
{
    public override double Distance(double x, double y)
    {
        var (dx, dy) = (X1 - X0, Y1 - Y0);
        var along = Math.Clamp(((x - X0) * dx + (y - Y0) * dy) / Math.Max(1e-9, dx * dx + dy * dy), 0, 1);
        var (ex, ey) = (x - X0 - along * dx, y - Y0 - along * dy);
        return Math.Sqrt(ex * ex + ey * ey) - (R0 + (R1 - R0) * along);
    }
}

/// <summary>A triangle.</summary>
internal sealed record Triangle(double X0, double Y0, double X1, double Y1, double X2, double Y2) : Shape
{
    private readonly double winding = Math.Sign((X1 - X0) * (Y2 - Y0) - (X2 - X0) * (Y1 - Y0));

    public override double Distance(double x, double y) =>
        Math.Max(Edge(X0, Y0, X1, Y1, x, y), Math.Max(Edge(X1, Y1, X2, Y2, x, y), Edge(X2, Y2, X0, Y0, x, y)));

    private double Edge(double ax, double ay, double bx, double by, double x, double y)
    {
        var (dx, dy) = (bx - ax, by - ay);
        return winding * (dy * (x - ax) - dx * (y - ay)) / Math.Max(1e-9, Math.Sqrt(dx * dx + dy * dy));
    }
}
