namespace Refilled.Data.Creatures;

/// <summary>How a surface is coloured: a base colour and a pattern in a second one.</summary>
/// <param name="Base">The ground.</param>
/// <param name="Mark">The pattern's colour.</param>
/// <param name="Pattern">The pattern.</param>
/// <param name="Scale">Size of its parts; 1 is usual.</param>
/// <param name="Phase">Where it begins: differs between individuals.</param>
/// <param name="Seed">Decides irregular patterns, so that no two individuals have the same spots.</param>
internal sealed record Coat(Rgb Base, Rgb Mark, Pattern Pattern, double Scale, double Phase, long Seed)
{
    /// <summary>The colour at a point of the creature; <paramref name="blur"/> is the width of a pixel there.</summary>
    public Rgb At(double x, double y, double blur)
    {
        // Positive where marked; in units, so that the pixel's width makes a soft edge of it.
        var inside = Pattern switch
        {
            Pattern.Stripes => Wave(x, 0.27 * Scale, 0.45),
            Pattern.Bands => Wave(y, 0.24 * Scale, 0.45),
            Pattern.Diagonal => Wave((x + y) * 0.7071, 0.27 * Scale, 0.45),
            Pattern.Spots => Dots(x, y, 0.27 * Scale, 0.36, 0.2),
            Pattern.Speckles => Dots(x, y, 0.15 * Scale, 0.36, 0.35),
            Pattern.Rings => 0.03 - Math.Abs(Dots(x, y, 0.33 * Scale, 0.34, 0.15)),
            Pattern.Patches => Cloud(x, y, 0.3 * Scale) * 0.3 * Scale,
            Pattern.Saddle => y - 0.08 + 0.12 * (Phase - 0.5),
            Pattern.Belly => -0.06 - y + 0.12 * (Phase - 0.5),
            Pattern.Front => x - 0.1 + 0.2 * (Phase - 0.5),
            _ => -1,
        };
        return Base.Mix(Mark, Math.Clamp(0.5 + inside / blur, 0, 1));
    }

    /// <summary>Distance into the marked part of a period.</summary>
    private double Wave(double along, double period, double part)
    {
        var turn = along / period + Phase;
        return (part / 2 - Math.Abs(turn - Math.Floor(turn) - 0.5)) * period;
    }

    /// <summary>Distance into a dot: one to a cell, moved and sized at random.</summary>
    private double Dots(double x, double y, double cell, double radius, double absent)
    {
        var (u, v) = (x / cell + Phase, y / cell + Phase);
        var (cx, cy) = ((long)Math.Floor(u), (long)Math.Floor(v));
        var nearest = -1.0;
        for (var i = -1; i <= 1; i++)
        {
            for (var j = -1; j <= 1; j++)
            {
                var dot = new SeededRandom(Seed, SeedStream.Individual, cx + i, cy + j);
                if (dot.Chance(absent)) continue;
                var (dx, dy) = (u - (cx + i + dot.Between(0.35, 0.65)), v - (cy + j + dot.Between(0.35, 0.65)));
                nearest = Math.Max(nearest, radius * dot.Between(0.75, 1.15) - Math.Sqrt(dx * dx + dy * dy));
            }
        }
        return nearest * cell;
    }

    /// <summary>Smooth noise around 0 between random values on a lattice.</summary>
    private double Cloud(double x, double y, double cell)
    {
        var (u, v) = (x / cell + Phase, y / cell + Phase);
        var (cx, cy) = ((long)Math.Floor(u), (long)Math.Floor(v));
        double Corner(long i, long j) => new SeededRandom(Seed, SeedStream.Individual, cx + i, cy + j).Between(-1, 1);
        static double Ease(double t) => t * t * (3 - 2 * t);
        var (a, b) = (Ease(u - cx), Ease(v - cy));
        var low = Corner(0, 0) + (Corner(1, 0) - Corner(0, 0)) * a;
        var high = Corner(0, 1) + (Corner(1, 1) - Corner(0, 1)) * a;
        return low + (high - low) * b;
    }
}

/// <summary>The pattern of a coat.</summary>
internal enum Pattern { Plain, Stripes, Bands, Diagonal, Spots, Speckles, Rings, Patches, Saddle, Belly, Front }

/// <summary>A colour; channels in [0, 1], not limited until it is written.</summary>
internal readonly record struct Rgb(double R, double G, double B)
{
    public static Rgb Black { get; } = new(0.06, 0.05, 0.06);

    public static Rgb White { get; } = new(0.97, 0.96, 0.93);

    /// <summary>From hue (turns), saturation and value.</summary>
    public static Rgb FromHsv(double hue, double saturation, double value)
    {
        double Channel(double shift)
        {
            var k = 6 * (hue + shift - Math.Floor(hue + shift));
            return value * (1 - saturation * (1 - Math.Clamp(Math.Abs(k - 3) - 1, 0, 1)));
        }
        return new Rgb(Channel(0), Channel(2.0 / 3), Channel(1.0 / 3));
    }

    public static Rgb operator *(Rgb colour, double gain) => new(colour.R * gain, colour.G * gain, colour.B * gain);

    public static Rgb operator *(Rgb a, Rgb b) => new(a.R * b.R, a.G * b.G, a.B * b.B);

    /// <summary>This colour where <paramref name="part"/> is 0, the other where it is 1.</summary>
    public Rgb Mix(Rgb other, double part) => new(R + (other.R - R) * part, G + (other.G - G) * part, B + (other.B - B) * part);
}
