using Refilled.Evaluation;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Evaluation;

public sealed class CalibrationTests : IDisposable
{
    private const int Classes = 4;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0.4)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_temperature_that_made_the_labels_is_found(double temperature)
    {
        var (logits, labels) = Drawn(4000, temperature);
        Assert.InRange(Temperature.Fit(logits, labels) / temperature, 0.93, 1.07);
    }

    [Fact]
    public void It_is_the_one_of_the_least_loss_written_out()
    {
        var (logits, labels) = Drawn(50, 2);
        double Loss(double temperature)
        {
            var sum = Math.Pow(Math.Log(temperature), 2) / 2;
            for (var i = 0; i < labels.Length; i++)
            {
                var total = 0.0;
                for (var c = 0; c < Classes; c++) total += Math.Exp(logits[i * Classes + c] / temperature);
                sum -= Math.Log(Math.Exp(logits[i * Classes + labels[i]] / temperature) / total);
            }
            return sum;
        }
        var found = Temperature.Fit(logits, labels);
        var least = Loss(found);
        for (var other = 0.06; other < 19; other *= 1.05) Assert.True(Loss(other) >= least - 1e-9, $"{other} has a smaller loss");
    }

    [Fact]
    public void A_few_images_that_are_all_right_make_nothing_certain()
    {
        var found = Temperature.Fit([2, 0, 0, 0, 0, 2, 0, 0], [0, 1]);
        Assert.InRange(found, 0.2, 1);
        Assert.Throws<ArgumentException>(() => Temperature.Fit([], []));
    }

    [Fact]
    public void Probabilities_are_a_softmax_of_the_divided_logits_however_large()
    {
        var found = Temperature.Probabilities([1, 2, 3, 4, 1e4f, 0, 0, 0], Classes, 2);
        var sum = Math.Exp(0.5) + Math.Exp(1) + Math.Exp(1.5) + Math.Exp(2);
        Assert.Equal(Math.Exp(1) / sum, found[1], 1e-6);
        Assert.Equal([1, 0, 0, 0], found[4..]);
    }

    [Fact]
    public void The_calibration_error_is_the_mean_gap_of_the_bins()
    {
        // One bin holds 0.61 and 0.65 with one right: |1 - 1.26|; another 0.95, right: |1 - 0.95|.
        Answer[] answers = [new(0.61, true), new(0.65, false), new(0.95, true)];
        Assert.Equal((0.26 + 0.05) / 3, CalibrationError.Of(answers), 1e-9);
        Assert.Equal(0, CalibrationError.Of([new(1, true)]));
        Assert.Throws<ArgumentException>(() => CalibrationError.Of([]));
    }

    [Fact]
    public void A_fitted_temperature_lowers_the_calibration_error()
    {
        var (logits, labels) = Drawn(4000, 3);
        var check = CalibrationCheck.Of(logits, labels, Temperature.Fit(logits, labels));
        Assert.True(check.Before > 0.1 && check.After < 0.03, $"{check}");
    }

    [Fact]
    public void Thresholds_answer_the_part_of_held_out_images_that_they_say()
    {
        var heldOut = Enumerable.Range(1, 100).Select(i => new Answer(i / 100.0, true)).ToList();
        var others = Enumerable.Range(1, 100).Select(i => new Answer(i / 200.0, false)).ToList();
        var all = UnknownThreshold.Of(heldOut, heldOut[50..], others);
        var chosen = new UnknownAnswers(100, 100, "others", all).For(0.9);
        Assert.Equal(new UnknownThreshold(0.9, 0.11, 1, 0.79), chosen);
        Assert.Equal(0.9, new UnknownAnswers(100, 100, "others", all).For(0.88).Coverage);
        Assert.Throws<InputException>(() => new UnknownAnswers(100, 100, "others", all).For(0.999));
    }

    [Fact]
    public void It_is_read_where_it_is_about_the_very_network()
    {
        var (logits, labels) = Drawn(40, 2);
        using var some = Read(logits, labels);
        using var none = Read([], []);
        var made = Calibration.Of("abc", some, none, (some, "themselves"));
        Assert.Null(made.Test);
        Assert.Equal(40, made.Unknown!.Others);
        // They are no answer to a question that has none.
        Assert.All(made.Unknown.Thresholds, one => Assert.InRange(one.FalseAcceptance, one.Coverage - 1e-9, 1));
        made.Save(folder[Calibration.NameInRun]);
        Assert.Equal(made.Temperature, Calibration.Beside(folder["network.safetensors"], "abc")!.Temperature);
        Assert.Null(Calibration.Beside(folder["network.safetensors"], "another"));
        folder.Write(Calibration.NameInRun, "{");
        Assert.Contains("refilled calibrate", Assert.Throws<InputException>(() => Calibration.Beside(folder["x"], "abc")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_images_of_other_classes_nothing_is_said_of_them()
    {
        var (logits, labels) = Drawn(40, 2);
        using var some = Read(logits, labels);
        using var none = Read([], []);
        var made = Calibration.Of("abc", some, some, (none, ""));
        Assert.Null(made.Unknown);
        Assert.Equal(made.HeldOut, made.Test);
    }

    [Fact]
    public void A_paired_difference_counts_only_where_the_two_differ()
    {
        bool[] one = [true, true, true, false, false], other = [true, false, false, true, false];
        var found = PairedDifference.Of(one, other);
        Assert.Equal(0.2, found.Mean, 1e-12);
        // Differences 0, 1, 1, -1, 0.
        var error = 1.96 * Math.Sqrt((3.0 / 5 - 0.04) / 5);
        Assert.Equal((0.2 - error, 0.2 + error), (found.Low, found.High));
        Assert.Equal(default, PairedDifference.Of(one, one));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of(one, [true]));
    }

    /// <summary>Logits, and labels drawn from their softmax at a temperature.</summary>
    private static (float[] Logits, int[] Labels) Drawn(int count, double temperature)
    {
        var random = new Random(3);
        var logits = Enumerable.Range(0, count * Classes).Select(_ => (float)(4 * random.NextDouble())).ToArray();
        var probabilities = Temperature.Probabilities(logits, Classes, temperature);
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            var left = random.NextDouble();
            while (labels[i] < Classes - 1 && (left -= probabilities[i * Classes + labels[i]]) > 0) labels[i]++;
        }
        return (logits, labels);
    }

    private static Readings Read(float[] logits, int[] labels) => new(
        empty(labels.Length, 2).DetachFromDisposeScope(),
        tensor(logits, [labels.Length, Classes]).DetachFromDisposeScope(),
        tensor(labels.Select(label => (long)label).ToArray(), [labels.Length]).DetachFromDisposeScope());

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Answers_that_are_not_finite_are_refused(float number)
    {
        using var logits = tensor(new[] { 1, 2, number, 3, 4, 5 }, 3, 2);
        using var read = new Readings(logits, logits, zeros([3], ScalarType.Int64));
        Assert.Contains("aren't finite for 1 of 3 images", Assert.Throws<InputException>(() => Calibration.Rows(read)).Message,
            StringComparison.Ordinal);
    }
}
