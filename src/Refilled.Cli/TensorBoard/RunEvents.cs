using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Refilled.Reports.Runs;
using SkiaSharp;

namespace Refilled.Cli.TensorBoard;

/// <summary>A run's epochs as events: losses, accuracies and learning rate, at the time when they were measured.</summary>
internal static class RunEvents
{
    /// <summary>The events of a run; the step is the number of the epoch, over all stages.</summary>
    /// <param name="run">The run.</param>
    /// <param name="samples">A picture of some of its images, as PNG; null where there is none.</param>
    public static IReadOnlyList<Event> Of(RunRecord run, byte[]? samples)
    {
        var begun = Begun(run);
        var events = new List<Event>();
        if (samples is not null) events.Add(Picture(begun, samples));
        foreach (var (number, epoch) in run.Epochs.Index())
        {
            var summary = new Summary();
            void Add(string tag, double value)
            {
                if (double.IsFinite(value)) summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
            }
            foreach (var (name, mean) in epoch.Train ?? new Dictionary<string, double>()) Add($"train/{name}", mean);
            if (epoch.HeldOut is { } score) Add("held-out/score", score);
            Add("learning-rate", epoch.LearningRate);
            events.Add(new Event { WallTime = begun + epoch.Seconds, Step = number + 1, Summary = summary });
        }
        if (run.Result is { } result)
        {
            var summary = new Summary();
            (string Tag, double Percent)[] measures =
                [("top1", result.Top1), ("top1-selected", result.Top1Selected), ("top5", result.Top5), ("ncm", result.Ncm)];
            foreach (var (tag, percent) in measures)
                summary.Value.Add(new Summary.Types.Value { Tag = $"test/{tag}", SimpleValue = (float)(percent / 100) });
            events.Add(new Event { WallTime = begun + result.Seconds, Step = run.Epochs.Count, Summary = summary });
        }
        return events;
    }

    private static Event Picture(double time, byte[] png)
    {
        var size = SKBitmap.DecodeBounds(png);
        var image = new Summary.Types.Image
            { Width = size.Width, Height = size.Height, Colorspace = 4, EncodedImageString = ByteString.CopyFrom(png) };
        var value = new Summary.Types.Value { Tag = "samples", Image = image };
        return new Event { WallTime = time, Summary = new Summary { Value = { value } } };
    }

    /// <summary>When the run began, in seconds since 1970; 0 where that isn't recorded.</summary>
    private static double Begun(RunRecord run) =>
        run.Environment is { ValueKind: JsonValueKind.Object } recorded && recorded.TryGetProperty("started", out var started)
            && DateTimeOffset.TryParse(started.ToString(), CultureInfo.InvariantCulture, out var time)
            ? time.ToUnixTimeMilliseconds() / 1e3 : 0;
}
