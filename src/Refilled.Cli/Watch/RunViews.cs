using System.Text.Json;
using Refilled.Recipes;
using Refilled.Reports.Runs;

namespace Refilled.Cli.Watch;

/// <summary>What the page is told of runs.</summary>
internal static class RunViews
{
    /// <summary>Most points of a line: more can't be seen, and would take their time.</summary>
    private const int MostPoints = 600;

    /// <summary>A run in the list.</summary>
    public static object Listed(WatchedRun run)
    {
        var (record, last) = (run.Record, run.Record.Epochs is [.., var end] ? end : null);
        return new
        {
            run.Id,
            Folder = run.Id.Contains('/', StringComparison.Ordinal) ? run.Id[..run.Id.LastIndexOf('/')] : "",
            record.Name,
            State = RecipeNames.Kebab(record.State.ToString()),
            record.Recipe?.Method,
            record.Recipe?.Student,
            Data = record.Result?.Data ?? record.Recipe?.Data,
            Seed = record.Recipe?.Seeds.Run,
            Epochs = record.Epochs.Count,
            Planned = record.PlannedEpochs,
            last?.Stage,
            HeldOut = record.Epochs.Select(epoch => epoch.HeldOut).LastOrDefault(score => score is not null) * 100,
            Top1 = record.Result?.Top1Selected,
            Seconds = record.Result?.Seconds ?? last?.Seconds,
            record.HasNetwork,
            record.Problems,
        };
    }

    /// <summary>A run by itself: every line of its epochs, and how it was made.</summary>
    public static object Whole(WatchedRun run) => new
    {
        Run = Listed(run),
        Lines = Lines(run.Record.Epochs),
        Recipe = run.Record.RecipeText,
        Machine = run.Record.Environment is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty("host", out var host)
            ? host : default(JsonElement?),
        run.Record.Result,
    };

    /// <summary>Two runs beside each other.</summary>
    public static object Compared(WatchedRun first, WatchedRun second)
    {
        var (one, other) = (new RunGroup(first.Id, [first.Record]), new RunGroup(second.Id, [second.Record]));
        return new
        {
            First = Whole(first),
            Second = Whole(second),
            Differences = first.Record.Recipe is { } mine && second.Record.Recipe is { } theirs
                ? RecipeWriter.Differences(mine, theirs) : null,
            Gain = other.Over(one),
        };
    }

    /// <summary>The lines by their names: "held-out", "learning-rate", and each mean over the training batches.</summary>
    private static Dictionary<string, double[][]> Lines(IReadOnlyList<EpochRecord> epochs)
    {
        var names = epochs.SelectMany(epoch => epoch.Train?.Keys ?? []).Distinct();
        var lines = names.ToDictionary(name => $"train/{name}", name => Line(epochs,
            epoch => epoch.Train is { } means && means.TryGetValue(name, out var mean) ? mean : null));
        lines["held-out"] = Line(epochs, epoch => epoch.HeldOut);
        lines["learning-rate"] = Line(epochs, epoch => epoch.LearningRate);
        return lines.Where(line => line.Value.Length > 0).ToDictionary();
    }

    /// <summary>The points of a line; of many the least and the most of each part, so that no peak is lost.</summary>
    private static double[][] Line(IReadOnlyList<EpochRecord> epochs, Func<EpochRecord, double?> value)
    {
        var all = epochs.Index().Where(epoch => value(epoch.Item) is { } number && double.IsFinite(number))
            .Select(epoch => new[] { epoch.Index + 1, value(epoch.Item)!.Value }).ToList();
        if (all.Count <= MostPoints) return [.. all];
        var parts = all.Chunk((2 * all.Count + MostPoints - 1) / MostPoints);
        return [.. parts.SelectMany(part => new[] { part.MinBy(point => point[1])!, part.MaxBy(point => point[1])! }
            .DistinctBy(point => point[0]).OrderBy(point => point[0]))];
    }
}
