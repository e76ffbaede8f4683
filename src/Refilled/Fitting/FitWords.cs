using static System.FormattableString;

namespace Refilled.Fitting;

/// <summary>Says in a few sentences what a fit found.</summary>
internal static class FitWords
{
    /// <summary>How good it is, whether the teacher helped, and whether the teacher itself is better.</summary>
    public static IEnumerable<string> Of(FitResult result)
    {
        var (test, teacher) = (result.Test, result.Teacher);
        yield return Invariant($"The network ({result.Student}, {result.Bytes / 1e6:0.0} MB, {result.Milliseconds:0.0} ms an image) is ")
            + Invariant($"right on {test.Accuracy:0.0} % of {test.Images} test images (95 %: {test.Low:0} to {test.High:0} %), ")
            + $"trained by '{result.Winner}'.";
        if (result.Help is { } help)
            yield return help.Low > 0
                ? Invariant($"The teacher helped: on held-out images '{help.Way}' is {help.Mean:0.0} points better than the student ")
                    + Invariant($"alone ({help.Low:0.0} to {help.High:0.0}).")
                : help.High < 0
                ? Invariant($"The teacher didn't help: on held-out images the best taught way, '{help.Way}', is {-help.Mean:0.0} points ")
                    + "worse than the student alone."
                : Invariant($"Whether the teacher helped can't be told from so few images: '{help.Way}' against the student alone is ")
                    + Invariant($"{help.Mean:+0.0;-0.0} points ({help.Low:0.0} to {help.High:0.0}) on held-out images.");
        if (teacher is null) yield break;
        var way = teacher.Name == "ncm" ? "the class means of its embedding" : "logistic regression on its embedding";
        var cost = Invariant($"{teacher.Bytes / 1e6:0} MB and {teacher.Milliseconds:0} ms an image");
        yield return teacher.GainLow > 0
            ? Invariant($"The teacher itself is better: with {way} it is right on {teacher.Measure.Accuracy:0.0} %, {teacher.Gain:0.0} ")
                + Invariant($"points more ({teacher.GainLow:0.0} to {teacher.GainHigh:0.0}). Where its {cost} don't matter, use it.")
            : teacher.GainHigh < 0
            ? Invariant($"The network is better than the teacher itself, which with {way} is right on {teacher.Measure.Accuracy:0.0} %, ")
                + $"at {cost}."
            : Invariant($"The teacher itself, with {way}, is about as good: {teacher.Measure.Accuracy:0.0} %, at {cost}.");
    }
}
