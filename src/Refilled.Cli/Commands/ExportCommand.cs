using System.CommandLine;
using Refilled.Cli.Web;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled export</c>: a trained network for other programs.</summary>
internal static class ExportCommand
{
    /// <summary>Images that the exported network is compared on.</summary>
    private const int Compared = 64;

    public static Command Create(Terminal terminal)
    {
        var network = new Argument<string>("network") { Description = "A run folder (its selected epoch) or a network file." };
        var onnx = Options.Text("--onnx", "file", "The file to write (beside the network, student.onnx).");
        var anySize = Options.Flag("--any-size",
            "The graph takes uint8 images of any size, and resizes and cuts them as evaluate does; else pixels of the network's own size.");
        var web = Options.Text("--web", "folder",
            "Also write a page of HTML that classifies images in the browser, offline, with everything in it: folder/index.html.");
        var webRuntime = Options.Text("--onnxruntime-web", "path",
            "npm's package onnxruntime-web for the page, a .tgz or a folder (else npm brings it, once).");
        var json = Options.Json();
        var command = new Command("export", "Write a trained network as ONNX, compared with the network itself.")
            { network, onnx, anySize, web, webRuntime, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var place = Teacher.Find(parsed.GetValue(network)!, "network", TeacherFormats.All);
            var runtime = parsed.GetValue(web) is null ? null : await WebRuntime.FindAsync(parsed.GetValue(webRuntime), cancel);
            var path = parsed.GetValue(onnx) ?? Path.Combine(Path.GetDirectoryName(place.File)!, "student.onnx");
            // The layout that no processor's engine crashes on (docs/upstream); speed doesn't matter here.
            var options = new TeacherOptions(CPU, Precision.Fp32, Layout.Nchw);
            using var opened = Teacher.Open(place, options, TeacherFormats.All);
            var trained = opened.Trained;
            var (name, images) = Images(place.File, trained.Network.Input, cancel);
            using var _ = images;
            var kind = parsed.GetValue(anySize) ? OnnxInput.AnySize : OnnxInput.Pixels;
            var difference = OnnxExport.Save(path, trained, images, new OnnxExportOptions { Input = kind, Source = opened.Place.Hash });
            var bytes = new FileInfo(path).Length;
            var page = parsed.GetValue(web) is { } folder ? WriteWeb(folder, trained, images, opened.Place.Hash, runtime!) : null;
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new
                    { Onnx = path, Bytes = bytes, Difference = difference, Images = images.shape[0], Data = name, Web = page });
            }
            else
            {
                var input = trained.Network.Input;
                var takes = kind == OnnxInput.AnySize ? "uint8 [N, 3, height, width] of any size"
                    : FormattableString.Invariant($"fp32 [N, {input.Channels}, {input.Height}, {input.Width}], 0 to 255");
                terminal.Print(
                    $"{path}: {bytes / 1e6:0.00} MB. Input 'images': {takes}; outputs 'probabilities', 'logits', 'embedding'.");
                terminal.Print($"On {images.shape[0]} images of {name} ONNX Runtime and the network agree to {difference:0.0e0}.");
                if (page is not null) terminal.Print($"{page}: open it in a browser; it needs no network.");
            }
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The page's network takes images of any size, whatever the file takes.</summary>
    private static string WriteWeb(string folder, TrainedNetwork trained, Tensor images, string source, WebRuntime runtime)
    {
        var file = Path.Combine(folder, "student.onnx");
        OnnxExport.Save(file, trained, images, new OnnxExportOptions { Input = OnnxInput.AnySize, Source = source });
        var model = File.ReadAllBytes(file);
        File.Delete(file); // It is in the page.
        return WebPage.Write(folder, model, runtime);
    }

    /// <summary>Test images of the run's own data where they are there, else letters: uint8, of the network's size.</summary>
    private static (string Data, Tensor Images) Images(string file, InputSpec input, CancellationToken cancel)
    {
        var recipe = Path.Combine(Path.GetDirectoryName(file)!, RunFolder.RecipeName);
        Dataset? data = null;
        if (File.Exists(recipe))
        {
            var run = RecipeReader.Read<Recipe>(recipe,
                [new RecipeEdit("method", "student", "export"), new RecipeEdit("stages", "[]", "export")]);
            try
            {
                data = DataCatalog.Load(run.Data, run.DataOptions with { ImageSize = input.Height }, cancel);
            }
            catch (InputException)
            {
                // They have moved, or have one size only: any real images will do.
            }
        }
        if (data is null || data.Test.Store.ViewShape is var shape && (shape.Height, shape.Width) != (input.Height, input.Width))
            data = DataCatalog.Load("letters", new DataOptions { ImageSize = input.Height }, cancel);
        var test = data.Test;
        var chosen = Enumerable.Range(0, Math.Min(Compared, test.Count)).Select(i => i * test.Count / Math.Min(Compared, test.Count));
        return (data.Name, test.Store.Draw([.. chosen.Select(i => new View(0, test.SampleIds[i], View.Evaluation))]));
    }
}
