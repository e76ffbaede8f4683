namespace Refilled.Data.Creatures;

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
