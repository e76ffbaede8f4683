namespace Refilled.Data.Views;

/// <summary>How views differ from their image.</summary>
public abstract record ViewPolicy
{
    /// <summary>Whether half of the views are mirrored. Default true.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Draws a view of an image: a pure function, in integer arithmetic on bytes.</summary>
    /// <param name="source">Planar pixels.</param>
    /// <param name="from">Their shape.</param>
    /// <param name="target">Receives the view, planar.</param>
    /// <param name="to">Its shape; as many channels.</param>
    /// <param name="view">Which view.</param>
    public abstract void Apply(ReadOnlySpan<byte> source, ImageShape from, Span<byte> target, ImageShape to, View view);

    /// <summary>Mirrors every row.</summary>
    private protected static void Mirror(Span<byte> image, int width)
    {
        for (var at = 0; at < image.Length; at += width) image.Slice(at, width).Reverse();
    }
}

/// <summary>One augmented version of an image, by name: everything random about it is a function of these three.</summary>
/// <param name="Seed">The view seed, apart from the run's.</param>
/// <param name="SampleId">The image, as an index into the full source.</param>
/// <param name="Number">Which version; <see cref="Evaluation"/> is the image as it is. Below that, -2 - n is version n mixed with another
/// image of the same set.</param>
public readonly record struct View(long Seed, long SampleId, int Number)
{
    /// <summary>The number of the view that changes nothing.</summary>
    public const int Evaluation = -1;

    /// <summary>Whether it is mixed with another image's.</summary>
    internal bool IsMixed => Number < Evaluation;

    /// <summary>The view before it is mixed.</summary>
    internal View Plain => this with { Number = PlainOf(Number) };

    /// <summary>The number of a view when it is mixed.</summary>
    internal static int MixedOf(int number) => -2 - number;

    /// <summary>The number of a view before it is mixed.</summary>
    internal static int PlainOf(int number) => number < Evaluation ? -2 - number : number;
}
