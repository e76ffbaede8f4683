using System.Text.Json;
using Refilled.Training;

namespace Refilled.Reports.Runs;

/// <summary>An epoch of a run, as a line of <c>metrics.jsonl</c> tells it.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Epoch">The epoch within the stage, from 0.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Train">Means over the epoch: of each loss, "loss" and, where there are logits, "accuracy" in [0, 1].</param>
/// <param name="HeldOut">What selects the epoch, such as the accuracy on held-out images; null where nothing does.</param>
/// <param name="Best">The best epoch so far.</param>
/// <param name="Seconds">Training time until its end.</param>
internal sealed record EpochRecord(string Stage, int Epoch, double LearningRate, IReadOnlyDictionary<string, double>? Train,
    double? HeldOut, int Best, double Seconds)
{
    /// <summary>JSON may hold what is beyond any number.</summary>
    private bool IsFinite => double.IsFinite(LearningRate) && double.IsFinite(Seconds) && double.IsFinite(HeldOut ?? 0)
        && (Train is null || Train.Values.All(double.IsFinite));

    /// <summary>Most bytes of a file of metrics that are read.</summary>
    private const long MostBytes = 256 << 20;

    /// <summary>Reads the lines that are there, and says what is wrong with the others.</summary>
    /// <remarks>A last line that isn't whole is being written, or was cut with its run: it is left out, and nothing is wrong.</remarks>
    /// <param name="path">The file; it may be missing.</param>
    /// <param name="problems">Gets a sentence for each kind of mistake.</param>
    public static IReadOnlyList<EpochRecord> Read(string path, List<string> problems)
    {
        if (!File.Exists(path)) return [];
        var read = new List<EpochRecord>();
        var wrong = new List<int>();
        try
        {
            // A run that writes meanwhile isn't disturbed.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MostBytes) throw new IOException($"it has {stream.Length} bytes");
            using var reader = new StreamReader(stream);
            var text = reader.ReadToEnd();
            foreach (var (i, line) in text.Split('\n')[..^1].Index())
                if (!IsRead(line, read)) wrong.Add(i + 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"Its metrics can't be read: {e.Message}");
        }
        if (wrong.Count > 0)
            problems.Add($"{wrong.Count} of the lines of its metrics can't be read, the first in line {wrong[0]}.");
        return read;
    }

    /// <summary>Adds a line's epoch, and says whether it could be read.</summary>
    /// <remarks>What a method without epochs writes is none, and no mistake.</remarks>
    private static bool IsRead(string line, List<EpochRecord> read)
    {
        if (string.IsNullOrWhiteSpace(line)) return true;
        try
        {
            using var document = JsonDocument.Parse(line);
            if (!document.RootElement.TryGetProperty("epoch", out _)) return true;
            var record = document.Deserialize<EpochRecord>(RunFolder.Json)!;
            if (record is not { Stage: not null, Epoch: >= 0 } || !record.IsFinite) return false;
            read.Add(record);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
