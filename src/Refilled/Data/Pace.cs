namespace Refilled.Data;

/// <summary>How fast images were gone through.</summary>
/// <param name="Images">How many.</param>
/// <param name="Seconds">The time that all took.</param>
internal sealed record Pace(int Images, double Seconds)
{
    /// <summary>Images in a second.</summary>
    public double ImagesPerSecond => Math.Round(Images / Math.Max(Seconds, 1e-6), 1);

    /// <summary>Both in words: "10000 images in 1.5 s (6667 a second)".</summary>
    public override string ToString() => FormattableString.Invariant($"{Images} images in {Seconds:0.0} s ({ImagesPerSecond:0} a second)");
}
