namespace Refilled.Evaluation;

/// <summary>The number that logits are divided by, so that probabilities mean what they say.</summary>
/// <remarks>Guo et al., On Calibration of Modern Neural Networks, ICML 2017. The order of the classes stays as it is.</remarks>
internal static class Temperature
{
    /// <summary>Bounds of what is looked for.</summary>
    private const double Least = 0.05, Most = 20;

    /// <summary>Steps of the golden section; each leaves 0.618 of what was there.</summary>
    private const int Steps = 60;

    /// <summary>The temperature of the least negative log-likelihood, under a weak prior at 1.</summary>
    /// <remarks>The prior, ½(ln T)² beside the sum over all images, keeps a few images that are all right from making it certain.</remarks>
    /// <param name="logits"><c>[N, C]</c>, row after row.</param>
    /// <param name="labels">The class of each image, <c>[N]</c>.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static double Fit(ReadOnlySpan<float> logits, IReadOnlyList<int> labels)
    {
        if (labels.Count == 0) throw new ArgumentException("There are no images to fit a temperature on.", nameof(labels));
        var (low, high) = (Math.Log(Least), Math.Log(Most));
        var golden = (Math.Sqrt(5) - 1) / 2;
        var (left, right) = (high - golden * (high - low), low + golden * (high - low));
        var (atLeft, atRight) = (Loss(logits, labels, left), Loss(logits, labels, right));
        for (var i = 0; i < Steps; i++)
        {
            if (atLeft < atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - golden * (high - low);
                atLeft = Loss(logits, labels, left);
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + golden * (high - low);
                atRight = Loss(logits, labels, right);
            }
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>softmax(z / T), row after row.</summary>
    /// <param name="logits"><c>[N, C]</c>, row after row.</param>
    /// <param name="classes">C.</param>
    /// <param name="temperature">T.</param>
    public static float[] Probabilities(ReadOnlySpan<float> logits, int classes, double temperature)
    {
        var all = new float[logits.Length];
        var row = new double[classes];
        for (var start = 0; start < logits.Length; start += classes)
        {
            var own = logits.Slice(start, classes);
            var (most, sum) = (Largest(own), 0.0);
            for (var c = 0; c < classes; c++) sum += row[c] = Math.Exp((own[c] - most) / temperature);
            for (var c = 0; c < classes; c++) all[start + c] = (float)(row[c] / sum);
        }
        return all;
    }

    internal static double Loss(ReadOnlySpan<float> logits, IReadOnlyList<int> labels, double logarithm)
    {
        var (classes, temperature, sum) = (logits.Length / labels.Count, Math.Exp(logarithm), logarithm * logarithm / 2);
        for (var i = 0; i < labels.Count; i++)
        {
            var own = logits.Slice(i * classes, classes);
            var (most, total) = (Largest(own), 0.0);
            foreach (var logit in own) total += Math.Exp((logit - most) / temperature);
            sum += Math.Log(total) - (own[labels[i]] - most) / temperature;
        }
        return sum;
    }

    private static double Largest(ReadOnlySpan<float> row)
    {
        var most = double.NegativeInfinity;
        foreach (var one in row) most = Math.Max(most, one);
        return most;
    }
}
