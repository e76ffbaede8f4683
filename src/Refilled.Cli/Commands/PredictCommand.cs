using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Refilled.Evaluation;
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
        var format = new Option<PredictionFormat>("--format")
            { Description = "text (default), csv or jsonl: one JSON object a line.", HelpName = "format" };
        var command = new Command("predict", "Name images: the likeliest classes and their probabilities. Bad images are told and passed over.")
            { network, images, top, format };
        command.SetAction((parsed, cancel) =>
        {
            using var classifier = Open(parsed.GetValue(network)!);
            var predictor = new Predictor(classifier.Network);
            var printer = new Printer(terminal, parsed.GetValue(format));
            foreach (var place in parsed.GetValue(images)!)
                foreach (var prediction in predictor.Classify(place, parsed.GetValue(top), cancel))
                    printer.Print(prediction);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Opened Open(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            var exported = ExportedClassifier.Load(path);
            return new Opened(exported, exported);
        }
        var opened = Teacher.Open(Teacher.Find(path, "network", TeacherFormats.All), new TeacherOptions(CPU, Precision.Fp32), TeacherFormats.All);
        return new Opened(new NetworkClassifier(opened.Trained), opened);
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

        public Printer(Terminal terminal, PredictionFormat format)
        {
            (this.terminal, this.format) = (terminal, format);
            if (format == PredictionFormat.Csv) terminal.Out.WriteLine("image,rank,class,probability");
        }

        public void Print(Prediction prediction)
        {
            if (prediction.Bad is { } reason)
            {
                terminal.Error.WriteLine($"{prediction.Image} {reason}");
                return;
            }
            switch (format)
            {
                case PredictionFormat.Csv:
                    foreach (var (rank, (name, probability)) in prediction.Classes.Index())
                        terminal.Print($"{Quoted(prediction.Image)},{rank + 1},{Quoted(name)},{probability:0.0000}");
                    break;
                case PredictionFormat.Jsonl:
                    terminal.Out.WriteLine(JsonSerializer.Serialize(new { prediction.Image,
                        Classes = prediction.Classes.Select(pair => new { pair.Name, Probability = Math.Round(pair.Probability, 6) }) },
                        RunFolder.Json));
                    break;
                default:
                    terminal.Print($"{prediction.Image}  {string.Join("  ", prediction.Classes.Select(pair =>
                        string.Create(CultureInfo.InvariantCulture, $"{pair.Name} {100 * pair.Probability:0.0} %")))}");
                    break;
            }
        }

        private static string Quoted(string text) =>
            text.IndexOfAny([',', '"', '\n', '\r']) < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

/// <summary>How predictions are written.</summary>
internal enum PredictionFormat
{
    Text,
    Csv,
    Jsonl,
}
