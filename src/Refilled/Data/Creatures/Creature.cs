namespace Refilled.Data.Creatures;

/// <summary>One individual: its species' parts, a little different in every one, from back to front.</summary>
internal sealed class Creature
{
    private readonly List<(Shape Shape, Coat Coat, double Shade)> parts = [];

    public Creature(Species species, ref SeededRandom random)
    {
        var coat = CoatOf(species, ref random);
        var plain = coat with { Pattern = Pattern.Plain };
        var dark = plain with { Base = coat.Base * 0.72 };
        var accent = plain with { Base = coat.Mark };

        var (rx, ry) = species.Build switch
        {
            Build.Round => (0.40, 0.36),
            Build.Long => (0.56, 0.24),
            Build.Tall => (0.34, 0.42),
            _ => (0.46, 0.2),
        };
        (rx, ry) = (Vary(rx * species.Proportions.Body, ref random), Vary(ry, ref random));
        var leg = Vary(0.30 * species.Proportions.Leg, ref random);
        var head = Vary(0.2 * species.Proportions.Head, ref random);
        var neck = species.Neck switch { Neck.None => 0.0, Neck.Short => 0.14, _ => 0.36 };
        var (hx, hy) = (rx * 0.86 + 0.35 * neck + 0.3 * head, ry * 0.45 + neck + 0.4 * head);

        AddTail(species.Tail, coat, accent, rx, ry, Vary(1, ref random));
        AddLegs(species.Legs, plain, dark, rx, ry, leg, ref random);
        if (species.Back is Back.Spikes or Back.Sail) AddBack(species.Back, accent, rx, ry, Vary(1, ref random));
        if (neck > 0) Add(new Capsule(rx * 0.62, ry * 0.35, hx - 0.2 * head, hy - 0.2 * head, 0.15, 0.11), coat);
        Add(new Ellipse(0, 0, rx, ry), coat);
        if (species.Back == Back.Wing) Add(new Ellipse(-0.1 * rx, 0.2 * ry, 0.55 * rx, 0.5 * ry, Vary(0.12, ref random)), accent, 0.9);
        AddHead(species, coat, plain, accent, hx, hy, head, Vary(1, ref random));
    }

    /// <summary>The colour at a point of the creature's plane over a background.</summary>
    /// <param name="ground">What is behind.</param>
    /// <param name="x">Forwards.</param>
    /// <param name="y">Up.</param>
    /// <param name="pixel">Width of a pixel in the creature's units.</param>
    public Rgb Over(Rgb ground, double x, double y, double pixel)
    {
        foreach (var (shape, coat, shade) in parts)
        {
            var covered = 0.5 - shape.Distance(x, y) / pixel;
            if (covered <= 0) continue;
            // Darker below: a body is round, and light comes from above.
            var colour = coat.At(x, y, pixel) * (shade * (0.93 + 0.22 * Math.Clamp(y, -0.6, 0.6)));
            ground = ground.Mix(colour, Math.Min(1, covered));
        }
        return ground;
    }

    /// <summary>A measure as one individual has it.</summary>
    private static double Vary(double value, ref SeededRandom random) => value * (1 + 0.07 * random.Bell());

    private static Coat CoatOf(Species species, ref SeededRandom random)
    {
        // Individuals differ in hue by up to half of the distance between two hues, and more.
        var hue = Species.Hue(species.BaseHue) + 0.03 * random.Bell();
        var mark = Species.Hue(species.MarkHue) + 0.03 * random.Bell();
        var pale = Rgb.FromHsv(hue, 0.38 + 0.06 * random.Bell(), 0.9 + 0.05 * random.Bell());
        var strong = Rgb.FromHsv(hue, 0.75 + 0.07 * random.Bell(), 0.62 + 0.06 * random.Bell());
        return species.Pale
            ? new Coat(pale, Rgb.FromHsv(mark, 0.75, 0.5), species.Pattern, species.PatternScale * (1 + 0.06 * random.Bell()),
                random.Next(), (long)(random.Bits() >> 1))
            : new Coat(strong, Rgb.FromHsv(mark, 0.35, 0.93), species.Pattern, species.PatternScale * (1 + 0.06 * random.Bell()),
                random.Next(), (long)(random.Bits() >> 1));
    }

    private void Add(Shape shape, Coat coat, double shade = 1) => parts.Add((shape, coat, shade));

    private void AddTail(Tail tail, Coat coat, Coat accent, double rx, double ry, double vary)
    {
        var (x, y) = (-0.88 * rx, 0.25 * ry);
        switch (tail)
        {
            case Tail.Thin: Add(new Capsule(x, y, x - 0.38 * vary, y + 0.24, 0.05, 0.03), coat); break;
            case Tail.Bushy:
                Add(new Capsule(x, y, x - 0.18, y + 0.1, 0.07, 0.1), coat);
                Add(new Ellipse(x - 0.3 * vary, y + 0.2, 0.22, 0.13, 0.35), accent);
                break;
            case Tail.Fan: Add(new Triangle(x + 0.1, y - 0.1, x - 0.36 * vary, y + 0.3, x - 0.38 * vary, y - 0.26), accent); break;
            case Tail.Curled:
                Add(new Capsule(x, y, x - 0.22, y + 0.05, 0.06, 0.055), coat);
                Add(new Capsule(x - 0.22, y + 0.05, x - 0.3, y + 0.25 * vary, 0.055, 0.05), coat);
                Add(new Capsule(x - 0.3, y + 0.25 * vary, x - 0.14, y + 0.34 * vary, 0.05, 0.04), coat);
                break;
        }
    }

    private void AddLegs(Legs legs, Coat near, Coat far, double rx, double ry, double length, ref SeededRandom random)
    {
        if (legs == Legs.Fins)
        {
            Add(new Triangle(0.15 * rx, -0.6 * ry, -0.35 * rx, -0.75 * ry, -0.25 * rx, -ry - 0.24), far);
            return;
        }
        var (places, factor, thickness) = legs switch
        {
            Legs.Two => (new[] { 0.05 }, 1.15, 0.065),
            Legs.FourShort => ([-0.62, 0.58], 0.65, 0.085),
            Legs.FourLong => ([-0.62, 0.58], 1.35, 0.055),
            _ => ([-0.66, 0.0, 0.62], 0.85, 0.05),
        };
        foreach (var (coat, shift) in new[] { (far, 0.13), (near, -0.04) })
        {
            foreach (var place in places)
            {
                var (x, swing) = ((place + shift) * rx, 0.08 * random.Bell());
                Add(new Capsule(x, -0.45 * ry, x + swing, -ry * 0.8 - length * factor, thickness * 1.15, thickness), coat);
            }
        }
    }

    private void AddBack(Back back, Coat accent, double rx, double ry, double vary)
    {
        if (back == Back.Sail)
        {
            Add(new Ellipse(-0.05 * rx, 0.75 * ry, 0.62 * rx, 0.34 * vary), accent);
            return;
        }
        for (var i = -2; i <= 2; i++)
        {
            var (x, y) = (i * 0.3 * rx, ry * Math.Sqrt(1 - i * i * 0.09));
            Add(new Triangle(x - 0.09, y - 0.08, x + 0.09, y - 0.08, x - 0.03, y + 0.17 * vary), accent);
        }
    }

    private void AddHead(Species species, Coat coat, Coat plain, Coat accent, double x, double y, double r, double vary)
    {
        void Pair(Func<double, Shape> shape, Coat surface)
        {
            Add(shape(-0.45 * r), surface, 0.82);
            Add(shape(0.05 * r), surface);
        }
        switch (species.Crown)
        {
            case Crown.Round: Pair(dx => new Ellipse(x + dx, y + 0.85 * r, 0.38 * r, 0.38 * r), plain); break;
            case Crown.Pointed:
                Pair(dx => new Triangle(
                    x + dx - 0.35 * r, y + 0.55 * r, x + dx + 0.35 * r, y + 0.6 * r, x + dx - 0.1 * r, y + 1.55 * r * vary), plain);
                break;
            case Crown.LongEars:
                Pair(dx => new Capsule(x + dx, y + 0.6 * r, x + dx - 0.25 * r, y + 2.1 * r * vary, 0.2 * r, 0.22 * r), plain);
                break;
            case Crown.Antennae:
                Pair(dx => new Capsule(x + dx, y + 0.7 * r, x + dx + 0.5 * r, y + 1.9 * r * vary, 0.09 * r, 0.07 * r), accent);
                Pair(dx => new Ellipse(x + dx + 0.5 * r, y + 1.9 * r * vary, 0.2 * r, 0.2 * r), accent);
                break;
            case Crown.Horns:
                Pair(dx => new Triangle(
                    x + dx - 0.2 * r, y + 0.7 * r, x + dx + 0.25 * r, y + 0.7 * r, x + dx + 0.65 * r, y + 1.75 * r * vary),
                    plain with { Base = Rgb.White });
                break;
            case Crown.Crest: Add(new Ellipse(x - 0.25 * r, y + 0.95 * r, 0.75 * r, 0.5 * r * vary, -0.2), accent); break;
        }
        if (species.Face == Face.Trunk)
        {
            Add(new Capsule(x + 0.7 * r, y - 0.1 * r, x + 1.35 * r, y - 0.8 * r, 0.3 * r, 0.22 * r), plain);
            Add(new Capsule(x + 1.35 * r, y - 0.8 * r, x + 1.3 * r, y - 1.7 * r * vary, 0.22 * r, 0.17 * r), plain);
        }
        Add(new Ellipse(x, y, r, 0.92 * r), coat);
        if (species.Crown == Crown.Floppy)
            Add(new Capsule(x - 0.4 * r, y + 0.5 * r, x - 0.75 * r, y - 0.7 * r * vary, 0.26 * r, 0.34 * r), plain, 0.8);
        if (species.Face == Face.Snout)
        {
            Add(new Ellipse(x + 0.95 * r, y - 0.25 * r, 0.62 * r * vary, 0.4 * r), plain, 0.95);
            Add(new Ellipse(x + 1.45 * r, y - 0.12 * r, 0.16 * r, 0.15 * r), plain with { Base = Rgb.Black });
        }
        if (species.Face == Face.Beak)
            Add(new Triangle(x + 0.75 * r, y + 0.25 * r, x + 0.75 * r, y - 0.45 * r, x + 1.75 * r * vary, y - 0.2 * r),
                plain with { Base = Rgb.FromHsv(0.11, 0.85, 0.95) });
        Add(new Ellipse(x + 0.35 * r, y + 0.25 * r, 0.27 * r, 0.3 * r), plain with { Base = Rgb.White });
        Add(new Ellipse(x + 0.44 * r, y + 0.23 * r, 0.15 * r, 0.18 * r), plain with { Base = Rgb.Black });
    }
}
