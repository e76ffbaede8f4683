namespace Refilled.Tables;

/// <summary>How many points a method is above another, over test images and seeds, with an interval.</summary>
/// <remarks>Both methods are measured on the same n images with the same S seeds. y[s,i] is 1, 0 or -1: the method's being right on
/// image i with seed s minus the other's. Images and seeds are crossed, and both are drawn at random: y = μ + a_s + b_i + e_si. The
/// gain is the mean of y. From the mean squares
/// <c>M_S = n·Σ_s(ȳ_s-ȳ)²/(S-1)</c>, <c>M_I = S·Σ_i(ȳ_i-ȳ)²/(n-1)</c>, <c>M_E = Σ(y_si-ȳ_s-ȳ_i+ȳ)²/((S-1)(n-1))</c>
/// its variance is estimated without bias by <c>(M_S + M_I - M_E)/(S·n)</c>, where M_S and M_I count for M_E at least; the interval is
/// ȳ ± t·√variance, with Satterthwaite's degrees of freedom <c>(ΣcM)²/Σ((cM)²/ν)</c> over the mean squares that are in it (Searle,
/// Casella and McCulloch, <i>Variance Components</i>, 1992). With one seed it is M_I/n over n-1 degrees: of the images alone.</remarks>
/// <param name="Points">The gain in points (percent of the images).</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Seeds">Seeds that were compared, S.</param>
/// <param name="Images">Test images, n.</param>
public sealed record PairedGain(double Points, double Low, double High, int Seeds, int Images)
{
    /// <summary>Whether a ranking may be claimed: the interval doesn't span zero, and more than one seed stands behind it.</summary>
    public bool IsClear => Seeds > 1 && (Low > 0 || High < 0);

    /// <summary>Compares two methods.</summary>
    /// <param name="method">For each seed, which images the method has right.</param>
    /// <param name="baseline">The same of the other, with the same seeds and images in the same order.</param>
    /// <param name="level">How often such intervals hold the true gain. Default 0.95.</param>
    /// <exception cref="ArgumentException">Seeds or images differ in number, or there are no seeds, or fewer than two images.</exception>
    public static PairedGain Compute(IReadOnlyList<IReadOnlyList<bool>> method, IReadOnlyList<IReadOnlyList<bool>> baseline, double level = 0.95)
    {
        var (seeds, images) = (method.Count, method.Count == 0 ? 0 : method[0].Count);
        if (images < 2 || baseline.Count != seeds || method.Concat(baseline).Any(right => right.Count != images))
            throw new ArgumentException("Both methods need the same seeds, at least one, and the same images, at least two.", nameof(baseline));
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
        var image = new MeanSquare(seeds * ofImage.Sum(value => Square(value - mean)), images - 1);
        var terms = new List<(double Sign, MeanSquare Square)> { (1, image) };
        if (seeds > 1)
        {
            var seed = new MeanSquare(images * ofSeed.Sum(value => Square(value - mean)), seeds - 1);
            var rest = 0.0;
            for (var s = 0; s < seeds; s++)
                for (var i = 0; i < images; i++) rest += Square(Y(s, i) - ofSeed[s] - ofImage[i] + mean);
            var error = new MeanSquare(rest, (seeds - 1.0) * (images - 1));
            // A variance isn't negative: a mean square below the error's says that there is none.
            terms = (seed.Value > error.Value, image.Value > error.Value) switch
            {
                (true, true) => [(1, seed), (1, image), (-1, error)],
                (true, false) => [(1, seed)],
                (false, true) => [(1, image)],
                _ => [(1, error)],
            };
        }
        var total = terms.Sum(term => term.Sign * term.Square.Value);
        var freedom = total * total / terms.Sum(term => Square(term.Square.Value) / term.Square.Freedom);
        var half = total > 0 ? StudentT.Quantile((1 + level) / 2, freedom) * Math.Sqrt(total / ((double)seeds * images)) : 0;
        return new PairedGain(100 * mean, 100 * (mean - half), 100 * (mean + half), seeds, images);
    }

    private static double Square(double value) => value * value;

    private readonly record struct MeanSquare(double Sum, double Freedom)
    {
        public double Value => Sum / Freedom;
    }
}
