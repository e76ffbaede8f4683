using System.Globalization;
using Refilled.Training;

namespace Refilled.Cli.Progress;

/// <summary>Shows training while it runs.</summary>
internal abstract class TrainingView
{
    /// <summary>A live bar in a terminal, plain lines elsewhere.</summary>
    public static TrainingView For(Terminal terminal) => terminal.Live ? new LiveTrainingView() : new PlainTrainingView(terminal.Error);

    /// <summary>Runs the work and shows what it reports.</summary>
    public abstract T Run<T>(Func<IProgress<TrainProgress>, T> work);

    /// <summary>Stage, epoch, loss, accuracies, speed and time left: short enough to stand beside a bar in 80 columns.</summary>
    /// <param name="now">Where training stands.</param>
    /// <param name="heldOut">The last selection measure (0–1), or null.</param>
    protected static string Describe(TrainProgress now, double? heldOut)
    {
        var culture = CultureInfo.InvariantCulture;
        var parts = new List<string> { $"{now.Stage} {now.Epoch + 1}/{now.Epochs}" };
        if (now.Means.Count == 0) return $"{parts[0]}: {now.Step} of {now.StepsPerEpoch} images"; // before the first step
        parts.Add(string.Create(culture, $"loss {now.Means.GetValueOrDefault("loss"):0.000}"));
        if (now.Means.TryGetValue("accuracy", out var accuracy)) parts.Add(string.Create(culture, $"train {100 * accuracy:0.0} %"));
        var measure = now.Selection == SelectionMeasure.Episodes ? "validation" : "held out";
        if (heldOut is { } held) parts.Add(string.Create(culture, $"{measure} {100 * held:0.0} %"));
        parts.Add(string.Create(culture, $"{now.ImagesPerSecond:0} img/s"));
        parts.Add(string.Create(culture, $"{(int)now.Remaining.TotalHours}:{now.Remaining:mm\\:ss}"));
        return string.Join(' ', parts);
    }

    /// <summary>Hands on reports at once, on the thread that reports: order matters here.</summary>
    protected sealed class Relay(Action<TrainProgress> show) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => show(value);
    }
}
