using System.CommandLine;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled teacher</c>, and of its verbs <c>inspect</c>: how a teacher is understood.</summary>
internal static class TeacherCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("teacher")
            { Description = "A run folder, a network file, an .onnx (#tensor behind it names the embedding), or imagenet-resnet-18." };
        var json = Options.Json();
        var inspect = new Command("inspect", "Show what a teacher wants to see, how that is known, what it gives, which methods it can "
            + "serve, and of an .onnx the tensors that may be its embedding.") { path, json };
        inspect.SetAction(parsed =>
        {
            var place = Teacher.Find(parsed.GetValue(path)!, formats: TeacherFormats.All);
            using var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32), TeacherFormats.All);
            var methods = MethodFit.ServedBy(opened);
            var asked = opened.Teach();
            var onnx = asked as OnnxTeacher;
            var inside = onnx is null ? null : OnnxInspection.Of(place, onnx);
            if (parsed.GetValue(json))
                terminal.WriteJson(new
                {
                    opened.Name,
                    place.Hash,
                    Input = new { inside?.Input, Preprocessing = onnx?.Input.ToString() ?? Preprocessing(opened), onnx?.Input.From },
                    Embedding = new { asked.EmbeddingSize, onnx?.Outputs.Embedding, onnx?.Outputs.From },
                    Gives = asked.Provides.ToString(),
                    Classes = asked.ClassNames,
                    AnyBatch = onnx?.TakesAny ?? true,
                    inside?.Tensors,
                    inside?.Outputs,
                    Methods = methods,
                    opened.Notes,
                });
            else Print(terminal, opened, onnx, inside, methods);
            return ExitCode.Done;
        });
        return new Command("teacher", "Look at teachers.") { inspect };
    }

    private static void Print(Terminal terminal, Teacher opened, OnnxTeacher? onnx, OnnxInspection? inside, string methods)
    {
        foreach (var note in opened.Notes) terminal.Error.WriteLine(note);
        void Line(string name, string value) => terminal.Print($"{name,-14}{value}");
        var asked = opened.Teach();
        Line("teacher", $"{opened.Name} ({opened.Place.File})");
        if (inside is not null) Line("input", inside.Input);
        Line("preprocessing", onnx is null ? Preprocessing(opened) : $"{onnx.Input}; {onnx.Input.From}");
        Line("embedding", $"{asked.EmbeddingSize} numbers{(onnx is null ? "" : $", '{onnx.Outputs.Embedding}': {onnx.Outputs.From}")}");
        Line("gives", $"{asked.Provides}");
        Line("classes", asked.ClassNames.Count == 0 ? "not known" : ClassRelation.Some(asked.ClassNames));
        Line("methods", methods);
        if (inside is null) return;
        terminal.Print($"tensors that may be the embedding (file.onnx#tensor names one), for one image:");
        foreach (var tensor in inside.Tensors) terminal.Print($"{(tensor.IsEmbedding ? "*" : " ")} {Told(tensor)}");
        terminal.Print($"outputs:");
        foreach (var tensor in inside.Outputs) terminal.Print($"  {Told(tensor)}");
    }

    private static string Told(TensorFacts tensor) => $"{tensor.Name}  [{string.Join(", ", tensor.Shape)}]  {tensor.What}";

    private static string Preprocessing(Teacher opened) => opened.Input is { } input
        ? FormattableString.Invariant($"{input.Width}×{input.Height}, RGB; ")
            + FormattableString.Invariant($"mean {string.Join(", ", input.Mean)}, deviation {string.Join(", ", input.Std)}")
        : "not known";
}
