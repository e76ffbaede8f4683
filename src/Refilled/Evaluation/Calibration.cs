using System.Text.Json;
using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>How a network's probabilities are made honest, and how honest they then are; kept beside its file.</summary>
internal sealed record Calibration
{
    /// <summary>Name of the file in a run folder.</summary>
    public const string NameInRun = "calibration.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>SHA-256 (hex) of the network file that it is about.</summary>
    public required string Network { get; init; }

    /// <summary>What logits are divided by.</summary>
    public required double Temperature { get; init; }

    /// <summary>On the images that the temperature was fitted on.</summary>
    public required CalibrationCheck HeldOut { get; init; }

    /// <summary>On the test images; null where there were none.</summary>
    public CalibrationCheck? Test { get; init; }

    /// <summary>When to answer "none of these"; null where there were no images of other classes.</summary>
    public UnknownAnswers? Unknown { get; init; }

    /// <summary>Fits the temperature, and measures.</summary>
    /// <param name="network">SHA-256 (hex) of the network's file.</param>
    /// <param name="heldOut">What it makes of images that weren't trained on; at least one.</param>
    /// <param name="test">What it makes of the test images; there may be none.</param>
    /// <param name="others">What it makes of images of other classes, and what they are; there may be none.</param>
    public static Calibration Of(string network, Readings heldOut, Readings test, (Readings Read, string What) others)
    {
        var (fit, checks, foreign) = (Rows(heldOut), Rows(test), Rows(others.Read));
        // Four digits are far more than the images can tell, and the same on every machine.
        var temperature = Math.Round(Evaluation.Temperature.Fit(fit.Logits, fit.Labels), 4);
        IReadOnlyList<Answer> Answers((float[] Logits, int[] Labels) rows) => Answer.Of(rows.Logits, rows.Labels, temperature);
        return new Calibration
        {
            Network = network,
            Temperature = temperature,
            HeldOut = CalibrationCheck.Of(fit.Logits, fit.Labels, temperature),
            Test = checks.Labels.Length == 0 ? null : CalibrationCheck.Of(checks.Logits, checks.Labels, temperature),
            Unknown = foreign.Labels.Length == 0 ? null
                : new UnknownAnswers(fit.Labels.Length, foreign.Labels.Length, others.What,
                    UnknownThreshold.Of(Answers(fit), Answers(checks), Answers((foreign.Logits, [.. foreign.Labels.Select(_ => -1)])))),
        };
    }

    /// <summary>Writes it, atomically.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));

    /// <summary>What stands beside a network's file; null where nothing does, or what does is about another network.</summary>
    /// <param name="file">The network's file.</param>
    /// <param name="hash">Its SHA-256 (hex).</param>
    /// <exception cref="InputException">The file that is there can't be read.</exception>
    public static Calibration? Beside(string file, string hash)
    {
        var path = Path.Combine(Path.GetDirectoryName(file)!, NameInRun);
        if (!File.Exists(path)) return null;
        try
        {
            var found = JsonSerializer.Deserialize<Calibration>(File.ReadAllBytes(path), Json);
            return found?.Network == hash ? found : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be read ({e.Message}); delete it, or make it anew with 'refilled calibrate'.", e);
        }
    }

    /// <exception cref="InputException">The network's logits aren't finite.</exception>
    internal static (float[] Logits, int[] Labels) Rows(Readings read)
    {
        if (read.Labels.shape[0] == 0) return ([], []); // The engine can't list the numbers of an empty tensor.
        using var scope = NewDisposeScope();
        var logits = read.Logits.contiguous().data<float>().ToArray();
        var classes = logits.Length / (int)read.Labels.shape[0];
        if (logits.Chunk(classes).Count(row => !row.All(float.IsFinite)) is > 0 and var bad)
            throw new InputException($"The network gives numbers that aren't finite for {bad} of {read.Labels.shape[0]} images, so that "
                + "its answers mean nothing. Train it at a lower learning rate, or for longer; and see what 'refilled doctor' says of the "
                + "processor.");
        return (logits, [.. read.Labels.data<long>().Select(label => (int)label)]);
    }
}

/// <summary>How honest a network's probabilities are on some images.</summary>
/// <param name="Temperature">What its logits are divided by; null where it was never fitted, and then they are taken as they are.</param>
/// <param name="Error">The expected calibration error, in [0, 1].</param>
internal sealed record Honesty(double? Temperature, double Error)
{
    internal static Honesty Of(Readings read, double? temperature)
    {
        var (logits, labels) = Calibration.Rows(read);
        return new Honesty(temperature, CalibrationError.Of(Answer.Of(logits, labels, temperature ?? 1)));
    }
}

/// <summary>The expected calibration error of some images, before and after; see <see cref="CalibrationError"/>.</summary>
/// <param name="Images">How many.</param>
/// <param name="Before">With the logits as they are, in [0, 1].</param>
/// <param name="After">With the temperature, in [0, 1].</param>
internal sealed record CalibrationCheck(int Images, double Before, double After)
{
    internal static CalibrationCheck Of(float[] logits, int[] labels, double temperature)
    {
        double Error(double t) => Math.Round(CalibrationError.Of(Answer.Of(logits, labels, t)), 5);
        return new CalibrationCheck(labels.Length, Error(1), Error(temperature));
    }
}

/// <summary>When to answer "none of these".</summary>
/// <param name="HeldOut">Held-out images that the thresholds were chosen on.</param>
/// <param name="Others">Images of other classes that the false acceptance was measured on.</param>
/// <param name="What">What those are.</param>
/// <param name="Thresholds">One for each coverage, the greatest first.</param>
internal sealed record UnknownAnswers(int HeldOut, int Others, string What, IReadOnlyList<UnknownThreshold> Thresholds)
{
    /// <summary>The threshold of the least coverage that is at least the one asked for.</summary>
    /// <exception cref="InputException">None is.</exception>
    public UnknownThreshold For(double coverage) => Thresholds.LastOrDefault(one => one.Coverage >= coverage)
        ?? throw new InputException($"A coverage is from 0 to {Thresholds[0].Coverage}, not {coverage}.");
}
