namespace Refilled.Tables.Grid;

/// <summary>How many points a method is above another, over test images and seeds, with an interval.</summary>
/// <remarks>Both methods are measured on the same n images with the same S seeds. y[s,i] is 1, 0 or -1: the method's being right on
/// image i with seed s minus the other's. Images and seeds are crossed, and both are drawn at random: y = μ + a_s + b_i + e_si. The
/// gain is the mean of y. With the mean squares <c>M_S = n·Σ_s(ȳ_s-ȳ)²/(S-1)</c> and <c>M_I = S·Σ_i(ȳ_i-ȳ)²/(n-1)</c>, whose
/// expectations are nσ_a²+σ_e² and Sσ_b²+σ_e², its variance σ_a²/S + σ_b²/n + σ_e²/(Sn) is at most the expectation of
/// <c>V = (M_S + M_I)/(Sn)</c>; the interval is ȳ ± t·√V with Satterthwaite's degrees of freedom
/// <c>(M_S + M_I)²/(M_S²/(S-1) + M_I²/(n-1))</c> (Satterthwaite, Biometrics Bulletin 1946). Taking off the σ_e² that is counted twice
/// would need a third mean square with a minus before it; with three seeds such intervals are wider, as their degrees of freedom are
/// fewer, and hold the truth less often. With one seed it is M_I/n over n-1 degrees, the paired t test: of the images alone.</remarks>
/// <param name="Points">The gain in points (percent of the images).</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Seeds">Seeds that were compared, S.</param>
/// <param name="Images">Test images, n.</param>
internal sealed record PairedGain(double Points, double Low, double High, int Seeds, int Images)
{
    /// <summary>Whether a ranking may be claimed: the interval doesn't span zero, and more than one seed stands behind it.</summary>
    public bool IsClear => Seeds > 1 && (Low > 0 || High < 0);

    /// <summary>Compares two methods.</summary>
    /// <param name="method">For each seed, which images the method has right.</param>
    /// <param name="baseline">The same of the other, with the same seeds and images in the same order.</param>
    /// <param name="level">How often such intervals hold the true gain. Default 0.95.</param>
    /// <exception cref="ArgumentException">Seeds or images differ in number, or there are no seeds, or fewer than two images.</exception>
    public static PairedGain Compute(IReadOnlyList<IReadOnlyList<bool>> method, IReadOnlyList<IReadOnlyList<bool>> baseline,
        double level = 0.95)
    {
        var (seeds, images) = (method.Count, method.Count == 0 ? 0 : method[0].Count);
        if (images < 2 || baseline.Count != seeds || method.Concat(baseline).Any(right => right.Count != images))
            throw new ArgumentException("Both methods need the same seeds, at least one, and the same images, at least two.",
                nameof(baseline));
        int Y(int s, int i) => (method[s][i] ? 1 : 0) - (baseline[s][i] ? 1 : 0);

        var ofSeed = new double[seeds];
        var ofImage = new double[images];
        for (var s = 0; s < seeds; s++)
            for (var i = 0; i < images; i++)
            {
                ofSeed[s] += (double)Y(s, i) / images;
                ofImage[i] += (double)Y(s, i) / seeds;
            }
        var mean = ofSeed.Average();
        double Squares(double[] means) => means.Sum(value => (value - mean) * (value - mean));
        var (ofSeeds, ofImages) = (seeds == 1 ? 0 : images * Squares(ofSeed) / (seeds - 1), seeds * Squares(ofImage) / (images - 1));
        var total = ofSeeds + ofImages;
        if (total == 0) return new PairedGain(100 * mean, 100 * mean, 100 * mean, seeds, images);
        var freedom = total * total / (ofSeeds * ofSeeds / Math.Max(1, seeds - 1) + ofImages * ofImages / (images - 1));
        var half = StudentT.Quantile((1 + level) / 2, freedom) * Math.Sqrt(total / ((double)seeds * images));
        return new PairedGain(100 * mean, 100 * (mean - half), 100 * (mean + half), seeds, images);
    }
}
