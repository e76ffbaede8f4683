using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Refilled.Evaluation;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled predict</c>: names images that nobody has labelled.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var network = new Argument<string>("network")
            { Description = "A run folder (its selected epoch), a network file, or an exported .onnx." };
        var images = new Argument<string[]>("images")
            { Description = "Images, folders and archives (.zip, .tar.gz) of images.", Arity = ArgumentArity.OneOrMore };
        var top = Options.Number("--top", "n", "Classes that are named for each image (1).", otherwise: 1, least: 1);
        var unknown = new Option<double?>("--unknown")
        {
            Description = "Answer 'none of these' where the likeliest class isn't likely enough: by the threshold at which this part of "
                + "held-out images is still answered (0.95 where no number is given).",
            HelpName = "coverage", Arity = ArgumentArity.ZeroOrOne,
        };
        unknown.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<double?>() is not (> 0 and < 1))
                result.AddError("--unknown must be above 0 and below 1.");
        });
        var format = new Option<PredictionFormat>("--format")
            { Description = "text (default), csv or jsonl: one JSON object a line.", HelpName = "format" };
        var command = new Command("predict",
            "Name images: the likeliest classes and their probabilities. Bad images are told and passed over.")
            { network, images, top, unknown, format };
        command.SetAction((parsed, cancel) =>
        {
            using var classifier = Open(parsed.GetValue(network)!);
            var predictor = new Predictor(classifier.Network);
            var threshold = parsed.GetResult(unknown) is null ? null
                : Threshold(classifier.Network, parsed.GetValue(unknown) ?? 0.95, terminal);
            if (!classifier.Network.IsCalibrated)
                terminal.Error.WriteLine("The probabilities were never compared with how often they are right: see 'refilled calibrate'.");
            var printer = new Printer(terminal, parsed.GetValue(format), threshold);
            foreach (var place in parsed.GetValue(images)!)
                foreach (var prediction in predictor.Classify(place, parsed.GetValue(top), cancel))
                    printer.Print(prediction);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static double? Threshold(IClassify network, double coverage, Terminal terminal)
    {
        var known = network.Unknown ?? throw new InputException("When this network should answer 'none of these' was never measured: "
            + "run 'refilled calibrate <run> --others <images of other classes>' (and export it again).");
        var chosen = known.For(coverage);
        terminal.Error.WriteLine(CalibrateCommand.Line(known, chosen));
        return chosen.Threshold;
    }

    private static Opened Open(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            var exported = ExportedClassifier.Load(path);
            return new Opened(exported, exported);
        }
        var place = Teacher.Find(path, "network", TeacherFormats.All);
        var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32, Layout.Nchw), TeacherFormats.All);
        return new Opened(new NetworkClassifier(opened.Trained, Calibration.Beside(place.File, place.Hash)), opened);
    }

    private sealed record Opened(IClassify Network, IDisposable Owner) : IDisposable
    {
        public void Dispose() => Owner.Dispose();
    }

    /// <summary>Writes predictions, a line each; what can't be used goes to standard error.</summary>
    private sealed class Printer
    {
        private readonly Terminal terminal;
        private readonly PredictionFormat format;
        private readonly double? threshold;

        public Printer(Terminal terminal, PredictionFormat format, double? threshold)
        {
            (this.terminal, this.format, this.threshold) = (terminal, format, threshold);
            if (format == PredictionFormat.Csv)
                terminal.Out.WriteLine("image,rank,class,probability" + (threshold is null ? "" : ",none-of-these"));
        }

        public void Print(Prediction prediction)
        {
            if (prediction.Bad is { } reason)
            {
                terminal.Error.WriteLine($"{prediction.Image} {reason}");
                return;
            }
            bool? none = threshold is null ? null : prediction.Classes[0].Probability < threshold;
            switch (format)
            {
                case PredictionFormat.Csv:
                    var said = none is { } known ? known ? ",true" : ",false" : "";
                    foreach (var (rank, (name, probability)) in prediction.Classes.Index())
                        terminal.Print($"{CsvText.Quoted(prediction.Image)},{rank + 1},{CsvText.Quoted(name)},{probability:0.0000}{said}");
                    break;
                case PredictionFormat.Jsonl:
                    terminal.Out.WriteLine(JsonSerializer.Serialize(new { prediction.Image, NoneOfThese = none,
                        Classes = prediction.Classes.Select(pair => new { pair.Name, Probability = Math.Round(pair.Probability, 6) }) },
                        RunFolder.Json));
                    break;
                default:
                    terminal.Print($"{prediction.Image}  {(none == true ? "none of these; nearest: " : "")}{string.Join("  ",
                        prediction.Classes.Select(pair =>
                            string.Create(CultureInfo.InvariantCulture, $"{pair.Name} {100 * pair.Probability:0.0} %")))}");
                    break;
            }
        }
    }
}

/// <summary>How predictions are written.</summary>
internal enum PredictionFormat
{
    Text,
    Csv,
    Jsonl,
}
