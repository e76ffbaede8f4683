namespace Refilled.Evaluation;

/// <summary>The expected calibration error: how far the stated probabilities are from how often they are right.</summary>
/// <remarks>Σ over bins of (images in it / N) · |part that is right - mean probability|, in fifteen bins of equal width by the probability
/// of the answer (Naeini et al., AAAI 2015; Guo et al., ICML 2017).</remarks>
internal static class CalibrationError
{
    private const int Bins = 15;

    /// <summary>The error, in [0, 1].</summary>
    /// <param name="answers">The probability of each answer, and whether it is right.</param>
    /// <exception cref="ArgumentException">There is no answer.</exception>
    public static double Of(IReadOnlyList<Answer> answers)
    {
        if (answers.Count == 0) throw new ArgumentException("There are no answers to measure.", nameof(answers));
        return answers.GroupBy(one => Math.Min(Bins - 1, (int)(one.Probability * Bins)))
            .Sum(bin => Math.Abs(bin.Sum(one => (one.IsRight ? 1.0 : 0) - one.Probability))) / answers.Count;
    }
}

/// <summary>The likeliest class of an image.</summary>
/// <param name="Probability">Its probability.</param>
/// <param name="IsRight">Whether the image is of that class.</param>
internal readonly record struct Answer(double Probability, bool IsRight)
{
    /// <summary>The answers to some images.</summary>
    /// <param name="logits"><c>[N, C]</c>, row after row.</param>
    /// <param name="labels">The class of each image, <c>[N]</c>; -1 where it is none of them.</param>
    /// <param name="temperature">What logits are divided by.</param>
    public static IReadOnlyList<Answer> Of(ReadOnlySpan<float> logits, IReadOnlyList<int> labels, double temperature)
    {
        if (labels.Count == 0) return [];
        var classes = logits.Length / labels.Count;
        var probabilities = Temperature.Probabilities(logits, classes, temperature);
        var answers = new Answer[labels.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            var own = probabilities.AsSpan(i * classes, classes);
            var first = 0;
            for (var c = 1; c < classes; c++)
                if (own[c] > own[first]) first = c;
            answers[i] = new Answer(own[first], first == labels[i]);
        }
        return answers;
    }
}
