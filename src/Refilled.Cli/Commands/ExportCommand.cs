using System.CommandLine;
using System.Text.Json;
using Refilled.Cli.Web;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled export</c>: a trained network for other programs.</summary>
internal sealed class ExportCommand
{
    /// <summary>Images that the exported network is compared on.</summary>
    private const int Compared = 64;

    /// <summary>Training images that ranges of activations are seen on.</summary>
    private const int Seen = 512;

    private readonly Terminal terminal;
    private readonly RecipeOptions recipes;
    private readonly Argument<string> network =
        new("network") { Description = "A run folder (its selected epoch) or a network file." };
    private readonly Option<string?> onnx = Options.Text("--onnx", "file", "The file to write (beside the network, student.onnx).");
    private readonly Option<bool> anySize = Options.Flag("--any-size",
        "The graph takes uint8 images of any size, and resizes and cuts them as evaluate does; else pixels of the network's own size.");
    private readonly Option<bool> int8 = Options.Flag("--int8",
        "Also with int8 weights and activations (student.int8.onnx), its ranges seen on training images, and measured on test images.");
    private readonly Option<bool> fp16 = Options.Flag("--fp16", "Also in fp16 (student.fp16.onnx), measured on test images.");
    private readonly Option<double> maxLoss = new("--max-loss")
    {
        Description = "Points of accuracy that int8 or fp16 may lose: where the loss is clearly more, the file isn't written (1).",
        HelpName = "points", DefaultValueFactory = _ => 1,
    };
    private readonly Option<string?> safetensors = Options.Text("--safetensors", "file",
        "Also the weights alone, under the names that PyTorch gives them.");
    private readonly Option<string?> web = Options.Text("--web", "folder",
        "Also write a page of HTML that classifies images in the browser, offline, with everything in it: folder/index.html.");
    private readonly Option<string?> webRuntime = Options.Text("--onnxruntime-web", "path",
        "npm's package onnxruntime-web for the page, a .tgz or a folder (else npm brings it, once).");
    private readonly Option<bool> json = Options.Json();

    private ExportCommand(Terminal terminal, Command command)
    {
        this.terminal = terminal;
        command.Arguments.Add(network);
        foreach (var option in new Option[] { onnx, anySize, int8, fp16, maxLoss, safetensors, web, webRuntime })
            command.Options.Add(option);
        recipes = new RecipeOptions(command, "--data", "--classes");
        command.Options.Add(json);
        command.SetAction(Run);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("export", "Write a trained network as ONNX, compared with the network itself.");
        _ = new ExportCommand(terminal, command);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var place = Teacher.Find(parsed.GetValue(network)!, "network", TeacherFormats.All);
        var runtime = parsed.GetValue(web) is null ? null : await WebRuntime.FindAsync(parsed.GetValue(webRuntime), cancel);
        var path = parsed.GetValue(onnx) ?? Path.Combine(Path.GetDirectoryName(place.File)!, "student.onnx");
        // The layout that no processor's engine crashes on (docs/upstream); speed doesn't matter here.
        using var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32, Layout.Nchw), TeacherFormats.All);
        var trained = opened.Trained;
        var smaller = parsed.GetValue(int8) || parsed.GetValue(fp16);
        var images = Images(parsed, place.File, trained, mustHave: smaller, cancel);
        var calibration = Calibration.Beside(place.File, place.Hash);
        var options = new OnnxExportOptions
        {
            Input = parsed.GetValue(anySize) ? OnnxInput.AnySize : OnnxInput.Pixels, Source = place.Hash,
            Temperature = calibration?.Temperature,
            Unknown = calibration?.Unknown is { } unknown ? JsonSerializer.Serialize(unknown, RunFolder.Json) : null,
        };
        var compared = NetworkImages.Views(images.Test, Compared);
        using var pixels = tensor(compared.SelectMany(image => image.Pixels).ToArray(),
            [compared.Count, trained.Network.Input.Channels, trained.Network.Input.Height, trained.Network.Input.Width]);
        var difference = OnnxExport.Save(path, trained, pixels, options);
        if (parsed.GetValue(safetensors) is { } weights) NetworkFile.SaveWeights(weights, trained.Network);
        var page = parsed.GetValue(web) is { } folder ? WriteWeb(folder, trained, pixels, options, runtime!) : null;
        var measured = smaller ? Smaller(parsed, path, images, cancel) : [];
        Print(parsed, path, trained.Network.Input, options.Input, $"{compared.Count} images of {images.Data}", difference, measured, page);
        return measured.Any(one => one.Refused) ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The page's network takes images of any size, whatever the file takes.</summary>
    private static string WriteWeb(string folder, TrainedNetwork trained, Tensor pixels, OnnxExportOptions options, WebRuntime runtime)
    {
        var file = Path.Combine(folder, "student.onnx");
        OnnxExport.Save(file, trained, pixels, options with { Input = OnnxInput.AnySize });
        var model = File.ReadAllBytes(file);
        File.Delete(file); // It is in the page.
        return WebPage.Write(folder, model, runtime);
    }

    /// <summary>Images of the run's own data or those that are named; else, where any will do, letters.</summary>
    private NetworkImages Images(ParseResult parsed, string file, TrainedNetwork trained, bool mustHave, CancellationToken cancel)
    {
        var recorded = Path.Combine(Path.GetDirectoryName(file)!, RunFolder.RecipeName);
        var recipe = recipes.File(parsed) ?? (File.Exists(recorded) ? recorded : null);
        var edits = recipes.Edits(parsed);
        if (recipe is not null || edits.Any(edit => edit.Path == "data"))
        {
            try
            {
                return NetworkImages.Of(recipes.Read<Recipe>(recipe,
                    [.. edits, new RecipeEdit("method", "student", "export"), new RecipeEdit("stages", "[]", "export")]),
                    trained.Network.Input, trained.ClassNames, cancel);
            }
            catch (InputException) when (!mustHave && edits.Count == 0)
            {
                // They have moved: any real images will do.
            }
        }
        else if (mustHave)
        {
            throw new InputException("int8 and fp16 are measured on images of the network's own classes, and there is no run beside it "
                + "that says which: name them with --data (and --classes).");
        }
        var letters = DataCatalog.Load("letters", new DataOptions { ImageSize = trained.Network.Input.Height }, cancel);
        return new NetworkImages("letters", letters.Train, letters.Test);
    }

    private List<Reduced> Smaller(ParseResult parsed, string path, NetworkImages images, CancellationToken cancel)
    {
        var test = NetworkImages.Views(images.Test, int.MaxValue);
        var plain = ExportedMeasure.Of(path, test, cancel);
        var (limit, all) = (parsed.GetValue(maxLoss), new List<Reduced> { new("fp32", plain, null, false) });
        void Add(string name, string file)
        {
            var measure = ExportedMeasure.Of(file, test, cancel);
            var loss = PairedDifference.Of(plain.Right, measure.Right);
            var refused = 100 * loss.Low > limit;
            if (refused) File.Delete(file);
            all.Add(new Reduced(name, measure, loss, refused));
        }
        if (parsed.GetValue(fp16))
        {
            var file = Path.ChangeExtension(path, ".fp16.onnx");
            OnnxReduction.Half(path, file);
            Add("fp16", file);
        }
        if (parsed.GetValue(int8)) Add("int8", Quickest(path, NetworkImages.Views(images.Train, Seen), cancel));
        return all;
    }

    /// <summary>The int8 network in the form that is quicker here.</summary>
    private static string Quickest(string path, IReadOnlyList<(byte[] Pixels, int Label)> seen, CancellationToken cancel)
    {
        var (file, other) = (Path.ChangeExtension(path, ".int8.onnx"), Path.ChangeExtension(path, ".qoperator.tmp"));
        List<byte[]> pixels = [.. seen.Select(image => image.Pixels)];
        OnnxReduction.Int8(path, file, pixels, Int8Form.Qdq, cancel);
        OnnxReduction.Int8(path, other, pixels, Int8Form.QOperator, cancel);
        if (ExportedMeasure.Of(other, [], cancel).Latency32 < 0.95 * ExportedMeasure.Of(file, [], cancel).Latency32)
            File.Move(other, file, overwrite: true);
        else File.Delete(other);
        return file;
    }

    private void Print(ParseResult parsed, string path, InputSpec input, OnnxInput kind, string compared, double difference,
        List<Reduced> measured, string? page)
    {
        var bytes = new FileInfo(path).Length;
        if (parsed.GetValue(json))
        {
            terminal.WriteJson(new
            {
                Onnx = path, Bytes = bytes, Difference = difference, Compared = compared, Web = page,
                Forms = measured.Select(one => new
                {
                    one.Name, one.Measure.Path, one.Measure.Bytes, one.Measure.Latency1, one.Measure.Latency32,
                    Accuracy = Percent.Of(one.Measure.Accuracy), Images = one.Measure.Right.Count, one.Loss, one.Refused,
                }),
            });
            return;
        }
        var pixels = kind == OnnxInput.AnySize ? "uint8 [N, 3, height, width] of any size"
            : $"fp32 [N, {input.Channels}, {input.Height}, {input.Width}], 0 to 255";
        terminal.Print($"{path}: {bytes / 1e6:0.00} MB. Input 'images': {pixels}; outputs 'probabilities', 'logits', 'embedding'.");
        terminal.Print($"On {compared} ONNX Runtime and the network agree to {difference:0.0e0}.");
        if (page is not null) terminal.Print($"{page}: open it in a browser; it needs no network.");
        foreach (var one in measured)
        {
            var measure = one.Measure;
            var lost = one.Loss is { } loss
                ? Invariant($"; loses {100 * loss.Mean:0.00} points ({100 * loss.Low:0.00} to {100 * loss.High:0.00})") : "";
            var quick = Invariant($"{measure.Latency1:0.00} ms an image alone, {measure.Latency32:0.0} ms a batch of 32");
            var right = Invariant($"{100 * measure.Accuracy:0.00} % of {measure.Right.Count} test images");
            terminal.Print($"{one.Name}: {measure.Bytes / 1e6:0.00} MB, {quick}, {right}{lost}");
            if (one.Refused)
                terminal.Error.WriteLine(Invariant($"{one.Name} loses clearly more than {parsed.GetValue(maxLoss)} points, so ")
                    + $"'{measure.Path}' was not written; --max-loss allows more.");
            else if (one.Loss is not null) terminal.Print($"  {measure.Path}");
        }
    }

    /// <param name="Name">Its number format.</param>
    /// <param name="Measure">How it does.</param>
    /// <param name="Loss">What it loses against fp32; null of that.</param>
    /// <param name="Refused">Whether it loses clearly too much.</param>
    private sealed record Reduced(string Name, ExportedMeasure Measure, PairedDifference? Loss, bool Refused);
}
