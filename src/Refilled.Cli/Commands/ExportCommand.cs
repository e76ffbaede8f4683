using System.CommandLine;
using Refilled.Data;
using Refilled.Data.Views;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Onnx;
using Refilled.Recipes;
using Refilled.Teachers;
using Refilled.Training;
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
        var json = Options.Json();
        var command = new Command("export", "Write a trained network as ONNX, compared with the network itself.")
            { network, onnx, anySize, json };
        command.SetAction((parsed, cancel) =>
        {
            var place = Teacher.Find(parsed.GetValue(network)!, "network", TeacherFormats.All);
            var path = parsed.GetValue(onnx) ?? Path.Combine(Path.GetDirectoryName(place.File)!, "student.onnx");
            using var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32), TeacherFormats.All);
            var trained = opened.Trained;
            var (name, images) = Images(place.File, trained.Network.Input, cancel);
            using var _ = images;
            var kind = parsed.GetValue(anySize) ? OnnxInput.AnySize : OnnxInput.Pixels;
            var difference = OnnxExport.Save(path, trained, images, new OnnxExportOptions { Input = kind, Source = opened.Place.Hash });
            var bytes = new FileInfo(path).Length;
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(new { Onnx = path, Bytes = bytes, Difference = difference, Images = images.shape[0], Data = name });
            }
            else
            {
                var input = trained.Network.Input;
                terminal.Print($"{path}: {bytes / 1e6:0.00} MB. Input 'images': "
                    + (kind == OnnxInput.AnySize ? "uint8 [N, 3, height, width] of any size"
                        : FormattableString.Invariant($"fp32 [N, {input.Channels}, {input.Height}, {input.Width}], 0 to 255"))
                    + "; outputs 'probabilities', 'logits', 'embedding'.");
                terminal.Print($"On {images.shape[0]} images of {name} ONNX Runtime and the network agree to {difference:0.0e0}.");
            }
            return Task.FromResult(ExitCode.Done);
        });
        return command;
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
