using Refilled.Training;

namespace Refilled.Cli.Progress;

/// <summary>Shows training while it runs.</summary>
internal abstract class TrainingView
{
    /// <summary>A live bar in a terminal, plain lines elsewhere.</summary>
    public static TrainingView For(Terminal terminal) => terminal.Live ? new LiveTrainingView() : new PlainTrainingView(terminal.Error);

    /// <summary>Runs the work and shows what it reports.</summary>
    public abstract T Run<T>(Func<IProgress<TrainProgress>, T> work);

    /// <summary>Loss, accuracy, speed and time left, in words.</summary>
    protected static string Describe(TrainProgress now)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var parts = new List<string> { string.Create(culture, $"loss {now.Means.GetValueOrDefault("loss"):0.0000}") };
        if (now.Means.TryGetValue("accuracy", out var accuracy)) parts.Add(string.Create(culture, $"accuracy {100 * accuracy:0.0} %"));
        if (now.HeldOut is { } held) parts.Add(string.Create(culture, $"held out {100 * held:0.0} %"));
        parts.Add(string.Create(culture, $"{now.ImagesPerSecond:0} images/s"));
        parts.Add(string.Create(culture, $"{(int)now.Remaining.TotalHours}:{now.Remaining:mm\\:ss} left"));
        return string.Join("  ", parts);
    }

    /// <summary>Hands on reports at once, on the thread that reports: order matters here.</summary>
    protected sealed class Relay(Action<TrainProgress> show) : IProgress<TrainProgress>
    {
        public void Report(TrainProgress value) => show(value);
    }
}
