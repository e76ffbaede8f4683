namespace Refilled.Evaluation;

/// <summary>How much better one classifier is than another on the same images, with a 95 % interval.</summary>
/// <remarks>The mean of the differences image by image, and 1.96 standard errors on each side: images on which both are right, or both
/// wrong, say nothing, so that it is far narrower than the intervals of the two accuracies.</remarks>
/// <param name="Mean">In parts of 1.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct PairedDifference(double Mean, double Low, double High)
{
    /// <summary>Compares two classifiers.</summary>
    /// <param name="better">Of each image whether the one is right.</param>
    /// <param name="worse">Whether the other one is.</param>
    /// <exception cref="ArgumentException">There is no image, or the numbers of images differ.</exception>
    public static PairedDifference Of(IReadOnlyList<bool> better, IReadOnlyList<bool> worse)
    {
        if (better.Count == 0 || better.Count != worse.Count)
            throw new ArgumentException($"{better.Count} and {worse.Count} images can't be compared.", nameof(worse));
        var (n, gains, losses) = ((double)better.Count, 0, 0);
        for (var i = 0; i < better.Count; i++)
        {
            if (better[i] && !worse[i]) gains++;
            if (worse[i] && !better[i]) losses++;
        }
        var mean = (gains - losses) / n;
        var error = 1.96 * Math.Sqrt(Math.Max(0, (gains + losses) / n - mean * mean) / n);
        return new PairedDifference(mean, mean - error, mean + error);
    }
}
