namespace Refilled.Data.Creatures;

/// <summary>A picture of one creature: where it stands, before what, in which light, with what in front of it.</summary>
internal static class Scene
{
    /// <summary>Draws picture number <paramref name="index"/> of a species.</summary>
    /// <param name="seed">The world's seed.</param>
    /// <param name="number">The species' number.</param>
    /// <param name="species">The species.</param>
    /// <param name="index">Which picture.</param>
    /// <param name="side">Height and width in pixels.</param>
    /// <param name="planes">Receives uint8 <c>[3, side, side]</c>.</param>
    public static void Draw(long seed, int number, Species species, int index, int side, Span<byte> planes)
    {
        var random = new SeededRandom(seed, SeedStream.Individual, number, index);
        var creature = new Creature(species, ref random);

        // Pose: size, turn, direction and place. A creature reaches about 1.1 from its middle.
        var scale = random.Between(0.25, 0.47);
        var (cos, sin) = Shape.Turn(random.Between(-0.3, 0.3));
        var facing = random.Chance(0.5) ? 1 : -1;
        var (left, down) = (0.5 + random.Between(-0.14, 0.14), 0.53 + random.Between(-0.12, 0.12));

        var (sky, soil) = (AnyColour(ref random), AnyColour(ref random));
        var horizon = random.Between(0.3, 0.9);
        var behind = Things(ref random, random.Below(7), 0.06, 0.3);
        var before = Things(ref random, random.Below(4), 0.03, 0.13);

        // Light: strength, contrast, colour, and a side that it comes from.
        var gain = random.Between(0.62, 1.25);
        var tint = new Rgb(1 + 0.16 * random.Bell(), 1 + 0.08 * random.Bell(), 1 + 0.16 * random.Bell()) * gain;
        var (slopeX, slopeY) = (random.Between(-0.3, 0.3), random.Between(-0.3, 0.3));
        var lift = random.Between(-0.05, 0.08);
        var grain = random.Between(0.005, 0.06);

        var pixel = 1.0 / side;
        var plane = side * side;
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
            {
                var (px, py) = ((column + 0.5) * pixel, (row + 0.5) * pixel);
                var colour = sky.Mix(soil, Math.Clamp(0.5 + (py - horizon) * 4, 0, 1));
                foreach (var (shape, thing) in behind) colour = colour.Mix(thing, Math.Clamp(0.5 - shape.Distance(px, py) / pixel, 0, 1));
                var (u, v) = ((px - left) / scale, (down - py) / scale);
                colour = creature.Over(colour, facing * (u * cos + v * sin), v * cos - u * sin, pixel / scale);
                foreach (var (shape, thing) in before) colour = colour.Mix(thing, Math.Clamp(0.5 - shape.Distance(px, py) / pixel, 0, 1));
                colour = colour * tint * (1 + slopeX * (px - 0.5) + slopeY * (py - 0.5));
                var at = row * side + column;
                planes[at] = Byte(colour.R + lift + grain * random.Bell());
                planes[plane + at] = Byte(colour.G + lift + grain * random.Bell());
                planes[2 * plane + at] = Byte(colour.B + lift + grain * random.Bell());
            }
        }
    }

    /// <summary>Stones, branches and blades, in the picture's own plane (0–1).</summary>
    private static List<(Shape Shape, Rgb Colour)> Things(ref SeededRandom random, int count, double least, double most)
    {
        var things = new List<(Shape, Rgb)>();
        for (var i = 0; i < count; i++)
        {
            var (x, y, size) = (random.Next(), random.Next(), random.Between(least, most));
            Shape shape = random.Chance(0.5)
                ? new Ellipse(x, y, size, size * random.Between(0.4, 1), random.Between(-0.4, 0.4))
                : new Capsule(x, y, x + random.Between(-0.4, 0.4), y + random.Between(-0.4, 0.4), size * 0.3, size * 0.15);
            things.Add((shape, AnyColour(ref random)));
        }
        return things;
    }

    private static Rgb AnyColour(ref SeededRandom random) =>
        Rgb.FromHsv(random.Next(), random.Between(0.05, 0.6), random.Between(0.3, 0.9));

    private static byte Byte(double value) => (byte)Math.Clamp(255 * value + 0.5, 0, 255);
}
