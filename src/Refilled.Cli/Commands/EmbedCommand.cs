using System.CommandLine;
using System.Globalization;
using Refilled.Evaluation;
using Refilled.Experiments;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled embed</c>: a teacher's embeddings of images that nobody has labelled.</summary>
internal static class EmbedCommand
{
    /// <summary>The size of images for what doesn't say its own.</summary>
    private const int UsualSize = 224;

    public static Command Create(Terminal terminal)
    {
        var images = new Argument<string[]>("images")
            { Description = "Images, folders and archives (.zip, .tar.gz) of images.", Arity = ArgumentArity.OneOrMore };
        var teacher = Options.Text("--teacher", "teacher", "A run folder, a network file, an .onnx, or imagenet-resnet-18.",
            Onnx.Teachers.ImageNetTeacherFormat.Name);
        var output = Options.Text("--out", "file.npy", "The embeddings, fp32 [N, d]; the names go beside them, as .csv.", "embeddings.npy");
        var threads = Options.Number("--threads", "n", "Threads of the engine; by default one for each core.", otherwise: 0, least: 1,
            most: 1024);
        var json = Options.Json();
        var command = new Command("embed", "Write a teacher's embeddings of images. Bad images are told and passed over.")
            { images, teacher, output, threads, json };
        command.SetAction((parsed, cancel) =>
        {
            var machine = Machine.Resolve("cpu", PrecisionChoice.Fp32, parsed.GetValue(threads));
            machine.Take();
            var path = parsed.GetValue(output)!;
            var place = Teacher.Find(parsed.GetValue(teacher)!, formats: TeacherFormats.All);
            using var opened = Teacher.Open(place, machine.Networks, TeacherFormats.All);
            foreach (var note in opened.Notes) terminal.Error.WriteLine(note);
            var (names, rows) = Embed(opened, parsed.GetValue(images)!, terminal.Error, cancel);
            var width = opened.Teach().EmbeddingSize;
            NumberFile.Write(path, rows, width);
            var list = Path.ChangeExtension(path, ".csv");
            Disk.Try(() => File.WriteAllLines(list, names.Select(CsvText.Quoted).Prepend("image")),
                e => new InputException($"'{list}' can't be written: {e.Message}", e));
            if (parsed.GetValue(json)) terminal.WriteJson(new { Embeddings = path, Names = list, Images = rows.Count, Size = width });
            else terminal.Print($"{path}: {rows.Count} embeddings of {width} numbers; {list}: their images.");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static (List<string> Names, List<float[]> Rows) Embed(
        Teacher opened, string[] places, TextWriter error, CancellationToken cancel)
    {
        var (asked, size) = (opened.Teach(), opened.Input?.Height ?? UsualSize);
        var (names, rows) = (new List<string>(), new List<float[]>());
        foreach (var place in places)
        {
            var found = new Dictionary<int, float[]>();
            var seen = UnlabelledImages.Read(place, size, (images, pixels) =>
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var embeddings = asked.Observe(tensor(pixels, [images.Count, 3, size, size]), Needs.Embedding).Embedding;
                var numbers = embeddings.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
                foreach (var (row, image) in images.Index())
                    found[image] = numbers[(row * asked.EmbeddingSize)..((row + 1) * asked.EmbeddingSize)];
            }, cancel);
            foreach (var (i, (name, bad)) in seen.Index())
            {
                if (bad is not null) error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {bad}"));
                if (!found.TryGetValue(i, out var row)) continue;
                names.Add(name);
                rows.Add(row);
            }
        }
        return (names, rows);
    }
}
