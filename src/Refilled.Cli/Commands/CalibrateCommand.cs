using System.CommandLine;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled calibrate</c>: makes the probabilities of a run's network honest, as the end of a run does.</summary>
internal static class CalibrateCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "A run folder." };
        var others = Options.Text("--others", "data",
            "Images of classes that the network doesn't know, to measure 'none of these' on (other classes of the run's data).");
        var json = Options.Json();
        var command = new Command("calibrate", "Fit on held-out images what a run's probabilities need to mean what they say, and when to "
            + "answer 'none of these'. Each run ends with it; this is for older runs, and for other images of other classes.");
        command.Arguments.Add(run);
        command.Options.Add(others);
        var options = new RecipeOptions(command, "--data", "--device", "--threads");
        command.Options.Add(json);
        command.SetAction((parsed, cancel) =>
        {
            var folder = parsed.GetValue(run)!;
            var recipe = Path.Combine(folder, RunFolder.RecipeName);
            if (!File.Exists(recipe)) throw new InputException($"'{folder}' is no run folder: it has no {RunFolder.RecipeName}.");
            var calibration = new NetworkCalibration(folder, options.Read<Recipe>(recipe, [.. options.Edits(parsed),
                new RecipeEdit("method", "student", "calibrate"), new RecipeEdit("stages", "[]", "calibrate")]))
                { Others = parsed.GetValue(others) }.Do(TeacherFormats.All, cancel);
            if (parsed.GetValue(json)) terminal.WriteJson(calibration);
            else foreach (var line in Lines(calibration)) terminal.Print($"{line}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>What was found, in sentences.</summary>
    public static IEnumerable<string> Lines(Calibration calibration)
    {
        var measured = calibration.Test ?? calibration.HeldOut;
        yield return FormattableString.Invariant($"probabilities: temperature {calibration.Temperature:0.00}, fitted on ")
            + FormattableString.Invariant($"{calibration.HeldOut.Images} held-out images; expected calibration error ")
            + FormattableString.Invariant($"{100 * measured.Before:0.0} % before, {100 * measured.After:0.0} % after ")
            + (calibration.Test is null ? "on the same images" : $"({measured.Images} test images)");
        if (calibration.Unknown is not { } unknown) yield break;
        yield return Line(unknown, unknown.For(0.95));
    }

    /// <summary>What a threshold costs and brings.</summary>
    public static string Line(UnknownAnswers unknown, UnknownThreshold chosen) =>
        FormattableString.Invariant($"none of these: below a probability of {chosen.Threshold:0.00}; so {100 * chosen.Coverage:0} % of ")
        + $"{unknown.HeldOut} held-out images"
        + (chosen.TestCoverage is { } test ? FormattableString.Invariant($" and {100 * test:0.0} % of the test images") : "")
        + FormattableString.Invariant($" are answered, and {100 * chosen.FalseAcceptance:0.0} % of {unknown.Others} images of ")
        + $"{unknown.What} are named wrongly";
}
