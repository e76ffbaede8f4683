namespace Refilled.Evaluation;

/// <summary>A probability below which an answer is "none of these", and what it costs and brings.</summary>
/// <param name="Coverage">The part of held-out images of the network's classes that is answered, as it was asked for.</param>
/// <param name="Threshold">The least probability of an answer.</param>
/// <param name="TestCoverage">The part of test images that is answered; null where there were none.</param>
/// <param name="FalseAcceptance">The part of images of other classes that gets an answer, all of them wrong.</param>
internal sealed record UnknownThreshold(double Coverage, double Threshold, double? TestCoverage, double FalseAcceptance)
{
    /// <summary>Coverages that thresholds are kept for.</summary>
    private static readonly double[] Kept = [0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5];

    /// <summary>The threshold of each coverage that is kept.</summary>
    /// <param name="heldOut">Answers to images that weren't trained on; they decide.</param>
    /// <param name="test">Answers to test images; there may be none.</param>
    /// <param name="others">Answers to images of other classes.</param>
    public static IReadOnlyList<UnknownThreshold> Of(
        IReadOnlyList<Answer> heldOut, IReadOnlyList<Answer> test, IReadOnlyList<Answer> others)
    {
        var falling = heldOut.Select(answer => answer.Probability).OrderDescending().ToList();
        return
        [
            .. from coverage in Kept
               let threshold = falling[(int)Math.Ceiling(coverage * falling.Count) - 1]
               select new UnknownThreshold(coverage, threshold, test.Count == 0 ? null : Answered(test, threshold),
                   Answered(others, threshold)),
        ];
    }

    private static double Answered(IReadOnlyList<Answer> answers, double threshold) =>
        Math.Round(answers.Average(answer => answer.Probability >= threshold ? 1.0 : 0), 4);
}
