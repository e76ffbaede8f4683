using Refilled.Evaluation;

namespace Refilled.Fitting;

/// <summary>What a fit found, as <c>fit.json</c> holds it. Accuracies are in percent.</summary>
public sealed record FitResult
{
    /// <summary>The ways that were compared, the best first, and the teacher's own among them.</summary>
    public required IReadOnlyList<FitWay> Ways { get; init; }

    /// <summary>The way that the network was trained by.</summary>
    public required string Winner { get; init; }

    /// <summary>Why some ways weren't tried, and other remarks.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Training images.</summary>
    public required int TrainImages { get; init; }

    /// <summary>Images without labels that helped.</summary>
    public required int UnlabelledImages { get; init; }

    /// <summary>The network's folder.</summary>
    public required string Network { get; init; }

    /// <summary>Its architecture.</summary>
    public required string Student { get; init; }

    /// <summary>Its size in fp32, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Milliseconds of an image by itself.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>How it does on the test images.</summary>
    public required FitMeasure Test { get; init; }

    /// <summary>The best way with a teacher against the student alone, on held-out images; null where either is missing.</summary>
    public FitHelp? Help { get; init; }

    /// <summary>Images that somebody should look at; null where nobody could say which.</summary>
    public FitReview? Review { get; init; }

    /// <summary>The teacher itself on the test images, in its better way; null where there is no teacher.</summary>
    public FitTeacherMeasure? Teacher { get; init; }
}

/// <summary>Images that somebody should look at, in the fit's <c>review.csv</c>.</summary>
/// <param name="Judged">Training images whose labels were judged by what wasn't trained on them.</param>
/// <param name="Doubtful">Of those, the ones whose label is probably wrong.</param>
/// <param name="Unlabelled">Images without labels that a label would help most.</param>
public sealed record FitReview(int Judged, int Doubtful, int Unlabelled);

/// <summary>A way that was compared on held-out images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Trained">Whether a student is trained; else it is the teacher itself.</param>
/// <param name="Accuracy">On the images that were held out, each by a student that wasn't trained on it.</param>
/// <param name="Images">How many those are.</param>
/// <param name="LogLoss">Mean cross-entropy on them; null for the teacher's ways.</param>
public sealed record FitWay(string Name, bool Trained, double Accuracy, int Images, double? LogLoss);

/// <summary>What a teacher brings, in points on held-out images, with the 95 % interval.</summary>
/// <param name="Way">The best way with its help.</param>
/// <param name="Mean">The points.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public sealed record FitHelp(string Way, double Mean, double Low, double High);

/// <summary>An accuracy on test images, with its 95 % interval (Wilson).</summary>
/// <param name="Accuracy">In percent.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Images">How many images.</param>
public sealed record FitMeasure(double Accuracy, double Low, double High, int Images)
{
    internal static FitMeasure Of(IReadOnlyList<bool> right)
    {
        var count = right.Count(one => one);
        var interval = WilsonInterval.Of(count, right.Count);
        double Percent(double part) => Math.Round(100 * part, 2);
        return new FitMeasure(Percent(count / (double)right.Count), Percent(interval.Low), Percent(interval.High), right.Count);
    }
}

/// <summary>The teacher itself, without a student.</summary>
/// <param name="Name">The way: "ncm" or "lr".</param>
/// <param name="Measure">How it does on the test images.</param>
/// <param name="Gain">Points that it has more than the student on the same images.</param>
/// <param name="GainLow">The lower end of the 95 % interval.</param>
/// <param name="GainHigh">The upper end.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="Milliseconds">Milliseconds of an image by itself.</param>
public sealed record FitTeacherMeasure(
    string Name, FitMeasure Measure, double Gain, double GainLow, double GainHigh, long Bytes, double Milliseconds);
