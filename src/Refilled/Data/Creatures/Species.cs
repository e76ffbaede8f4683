namespace Refilled.Data.Creatures;

/// <summary>One category of creature: a combination of traits that other species have too, and proportions of its own.</summary>
internal sealed record Species
{
    /// <summary>Base and mark hues are chosen from this many, so that species share them.</summary>
    private const int Hues = 9;

    /// <summary>Species of one genus share build, legs, neck, tail and back.</summary>
    private const int PerGenus = 5;

    public required Build Build { get; init; }
    public required Legs Legs { get; init; }
    public required Neck Neck { get; init; }
    public required Tail Tail { get; init; }
    public required Back Back { get; init; }
    public required Crown Crown { get; init; }
    public required Face Face { get; init; }
    public required Pattern Pattern { get; init; }
    public required int BaseHue { get; init; }
    public required int MarkHue { get; init; }

    /// <summary>Whether the ground is pale and the marks are strong, or the other way round.</summary>
    public required bool Pale { get; init; }

    /// <summary>Size of the pattern's parts.</summary>
    public required double PatternScale { get; init; }

    /// <summary>Factors on body length, leg length and head size.</summary>
    public required (double Body, double Leg, double Head) Proportions { get; init; }

    /// <summary>The genus it belongs to.</summary>
    public required int Genus { get; init; }

    /// <summary>The species of a world: as many as asked for, each a function of the seed and its number.</summary>
    /// <remarks>No two of a genus agree in more than three of their five own traits.</remarks>
    public static IReadOnlyList<Species> Of(long seed, int count)
    {
        var all = new List<Species>();
        for (var number = 0; number < count; number++)
        {
            var genus = number / PerGenus;
            for (var attempt = 0L; ; attempt++)
            {
                var candidate = Draw(seed, genus, number, attempt);
                if (attempt > 200 || all.All(other => other.Genus != genus || candidate.Shared(other) <= 3)) { all.Add(candidate); break; }
            }
        }
        return all;
    }

    private int Shared(Species other) => (Crown == other.Crown ? 1 : 0) + (Face == other.Face ? 1 : 0) + (Pattern == other.Pattern ? 1 : 0)
        + (BaseHue == other.BaseHue ? 1 : 0) + (MarkHue == other.MarkHue ? 1 : 0);

    private static Species Draw(long seed, int genus, int number, long attempt)
    {
        var plan = new SeededRandom(seed, SeedStream.Species, genus, -1);
        var own = new SeededRandom(seed, SeedStream.Species, number, attempt);
        var baseHue = own.Below(Hues);
        return new Species
        {
            Genus = genus,
            Build = Any<Build>(ref plan),
            Legs = Any<Legs>(ref plan),
            Neck = Any<Neck>(ref plan),
            Tail = Any<Tail>(ref plan),
            Back = Any<Back>(ref plan),
            Crown = Any<Crown>(ref own),
            Face = Any<Face>(ref own),
            Pattern = Any<Pattern>(ref own),
            BaseHue = baseHue,
            MarkHue = (baseHue + 2 + own.Below(Hues - 3)) % Hues,
            Pale = own.Chance(0.5),
            PatternScale = own.Between(0.8, 1.3),
            Proportions = (own.Between(0.9, 1.12), own.Between(0.8, 1.25), own.Between(0.85, 1.2)),
        };
    }

    /// <summary>The hue (turns) of a hue's number.</summary>
    public static double Hue(int number) => (number + 0.15) / Hues;

    private static T Any<T>(ref SeededRandom random) where T : struct, Enum => random.Pick<T>(Enum.GetValues<T>());
}

/// <summary>The shape of the body.</summary>
internal enum Build { Round, Long, Tall, Slim }

/// <summary>What it stands on.</summary>
internal enum Legs { Fins, Two, FourShort, FourLong, Six }

/// <summary>What is between body and head.</summary>
internal enum Neck { None, Short, Long }

/// <summary>What is behind.</summary>
internal enum Tail { None, Thin, Bushy, Fan, Curled }

/// <summary>What is on the back.</summary>
internal enum Back { Bare, Spikes, Sail, Wing }

/// <summary>What is on the head.</summary>
internal enum Crown { None, Round, Pointed, LongEars, Floppy, Antennae, Horns, Crest }

/// <summary>What is in front of the face.</summary>
internal enum Face { Flat, Snout, Beak, Trunk }
