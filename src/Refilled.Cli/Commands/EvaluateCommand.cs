using System.CommandLine;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Recipes;
using Refilled.Training;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled evaluate</c>: measures a network on images.</summary>
internal static class EvaluateCommand
{
    private const int WorstShown = 5;

    /// <summary>The options that say which images a network is measured on, and where.</summary>
    internal static string[] ImageOptions { get; } = ["--data", "--image-size", "--depth", "--group-by", "--classes", "--images-per-class",
        "--hold-out", "--device", "--precision", "--threads"];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Measure a network on test images: top-1, top-5, nearest class mean, nearest neighbour, and "
            + "the accuracy of each class. Of other data without test images (--data) all are measured. A teacher that gives answers "
            + "alone is measured by the class means of the training images, of whatever classes.");
        var network = new Argument<string>("network")
            { Description = "A run folder (its selected epoch), a network file, or a teacher: an .onnx, or imagenet-resnet-18." };
        command.Arguments.Add(network);
        var options = new RecipeOptions(command, ImageOptions);
        var json = Options.Json();
        command.Options.Add(json);
        command.SetAction((parsed, cancel) =>
        {
            var measures = Evaluation(parsed.GetValue(network)!, options, parsed)
                .Run(TeacherFormats.All, cancel);
            if (parsed.GetValue(json)) terminal.WriteJson(Report(measures));
            else Print(terminal, measures);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    /// <summary>A network, and the images that the options or its own run name.</summary>
    internal static NetworkEvaluation Evaluation(string path, RecipeOptions options, ParseResult parsed)
    {
        var (recipe, edits) = (options.File(parsed), options.Edits(parsed));
        var run = File.Exists(path) ? Path.GetDirectoryName(path) ?? "" : path;
        var record = Path.Combine(run, RunFolder.RecipeName);
        var recorded = recipe is null && File.Exists(record);
        bool Asked(string key) => edits.Any(edit => edit.Path == key);
        // What the run was trained by doesn't matter here, and its teacher may be gone.
        return new NetworkEvaluation(path, options.Read<Recipe>(recorded ? record : recipe,
            [.. edits, new RecipeEdit("method", "student", "evaluate"), new RecipeEdit("stages", "[]", "evaluate")]))
        {
            OtherData = Asked("data"),
            TrainedOn = recorded ? RunFolder.DataHash(run) : null,
            OwnClasses = !recorded || !Asked("data") || Asked("classes"),
        };
    }

    private static object Report(NetworkMeasures measures)
    {
        var result = measures.Result;
        return new
        {
            Top1 = Percent.Of(result.Top1),
            Top5 = Percent.Of(result.Top5),
            Ncm = Percent.OrNull(result.Ncm),
            Nn1 = Percent.OrNull(result.Nn1),
            Balanced = Percent.Of(ClassResult.Balanced(measures.Classes)),
            CalibrationError = Percent.OrNull(measures.Probabilities?.Error),
            measures.Probabilities?.Temperature,
            result.Images,
            Part = RecipeNames.Kebab(measures.Part.ToString()),
            Classes = measures.Classes.Select(one => new { one.Name, Accuracy = Percent.Of(one.Accuracy), one.Images }),
            measures.Notes,
            measures.Reading,
            measures.Measuring,
        };
    }

    private static void Print(Terminal terminal, NetworkMeasures measures)
    {
        foreach (var note in measures.Notes) terminal.Error.WriteLine(note);
        var (result, classes) = (measures.Result, measures.Classes);
        var compared = result is { Ncm: { } ncm, Nn1: { } nn1 }
            ? FormattableString.Invariant($", nearest class mean {100 * ncm:0.00} %, nearest neighbour {100 * nn1:0.00} %") : "";
        var which = measures.Part == MeasuredPart.All ? $"all {result.Images} images"
            : $"{result.Images} {measures.Part.ToString().ToLowerInvariant()} images";
        terminal.Print($"top-1 {100 * result.Top1:0.00} %, top-5 {100 * result.Top5:0.00} %{compared} ({which})");
        terminal.Print($"balanced over {classes.Count} classes {100 * ClassResult.Balanced(classes):0.00} %; the worst:");
        foreach (var one in classes.Take(WorstShown))
            terminal.Print($"  {one.Name,-24} {100 * one.Accuracy,6:0.00} % of {one.Images}");
        if (measures.Probabilities is { } probabilities)
        {
            var fitted = probabilities.Temperature is { } temperature
                ? FormattableString.Invariant($"temperature {temperature:0.00}") : "no temperature was fitted";
            terminal.Print($"expected calibration error {100 * probabilities.Error:0.0} % ({fitted})");
        }
        terminal.Print($"read {measures.Reading}, measured {measures.Measuring}");
    }
}
