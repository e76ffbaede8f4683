using Refilled.Data.Fetch;
using Refilled.FewShot;
using Refilled.Training;
using static System.FormattableString;

namespace Refilled.Cli.Progress;

/// <summary>How training, few-shot tasks and downloads are shown. Texts are short enough to stand beside a bar in 80 columns.</summary>
internal static class Progresses
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5), Usual = TimeSpan.FromSeconds(10), Long = TimeSpan.FromSeconds(30);

    /// <summary>Stage, epoch, loss, accuracies, speed and time left.</summary>
    /// <remarks>In logs a line for each epoch, but at most one in five seconds, and one each half minute within long epochs.</remarks>
    public static ProgressKind<TrainProgress> Training()
    {
        double? heldOut = null;
        return new(now =>
        {
            heldOut = now.Epoch == 0 && !now.EpochDone ? null : now.HeldOut ?? heldOut; // each stage has a measure of its own
            var within = now.EpochDone ? "" : $" (step {now.Step} of {now.StepsPerEpoch})";
            var line = Text(now, now.HeldOut);
            var done = (double)now.Epoch * now.StepsPerEpoch + now.Step;
            return new(now.Stage, done, (double)now.Epochs * now.StepsPerEpoch, Text(now, heldOut),
                now.Means.Count == 0 ? line : $"{line} left{within}")
            {
                Quiet = !now.EpochDone ? Long : now.Epoch + 1 < now.Epochs ? Short : TimeSpan.Zero,
            };
        });
    }

    /// <summary>Tasks, accuracy so far and time left; in logs a line each half minute, and one at the end.</summary>
    public static ProgressKind<FewShotProgress> FewShot { get; } = new(now =>
    {
        var text = $"{now.Learner} {now.Done}/{now.Tasks} tasks";
        if (now.Done > 0) text += Invariant($" {100 * now.Mean:0.0} % {Left(now.Remaining)}");
        return now.Done == now.Tasks ? new(now.Learner, now.Done, now.Tasks, text, text)
            : new(now.Learner, now.Done, now.Tasks, text, $"{text} left") { Quiet = Long };
    });

    /// <summary>How much has come; in logs a line at every tenth, at least each ten seconds, and for every broken connection.</summary>
    public static ProgressKind<DownloadProgress> Download(string name)
    {
        var tenth = -1L;
        return new(now =>
        {
            var before = tenth;
            var text = Invariant($"{now.Done / 1e6:0.0} MB");
            if (now.Total is > 0 and { } total)
            {
                tenth = 10 * now.Done / total;
                text = Invariant($"{now.Done / 1e6:0.0} of {total / 1e6:0.0} MB ({100.0 * now.Done / total:0} %)");
            }
            if (now.Trouble is { } trouble) text = $"{trouble}; trying again";
            return new(name, now.Done, now.Total is { } all ? Math.Max(all, now.Done) : null, name, $"{name}: {text}")
            {
                IsTrouble = now.Trouble is not null,
                Quiet = now.Trouble is null && tenth == before ? Usual : TimeSpan.Zero,
            };
        }, InBytes: true);
    }

    private static string Text(TrainProgress now, double? heldOut)
    {
        var stage = $"{now.Stage} {now.Epoch + 1}/{now.Epochs}";
        if (now.Means.Count == 0) return $"{stage}: {now.Step} of {now.StepsPerEpoch} images"; // before the first step
        var parts = new List<string> { stage, Invariant($"loss {now.Means.GetValueOrDefault("loss"):0.000}") };
        if (now.Means.TryGetValue("accuracy", out var accuracy)) parts.Add(Invariant($"train {100 * accuracy:0.0} %"));
        var measure = now.Selection == SelectionMeasure.Episodes ? "validation" : "held out";
        if (heldOut is { } held) parts.Add(Invariant($"{measure} {100 * held:0.0} %"));
        parts.Add(Invariant($"{now.ImagesPerSecond:0} img/s"));
        parts.Add(Left(now.Remaining));
        return string.Join(' ', parts);
    }

    private static string Left(TimeSpan time) => Invariant($"{(int)time.TotalHours}:{time:mm\\:ss}");
}
