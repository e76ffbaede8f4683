using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Refilled.Teachers;
using Refilled.Weights;

namespace Refilled.Onnx.Teachers;

/// <summary>Teachers in ONNX files: <c>file.onnx</c>, or <c>file.onnx#tensor</c> for an embedding of one's choice.</summary>
/// <param name="probe">Opens a file once where a crash does no harm, and throws where it is refused; ONNX Runtime can end the process
/// on a model that is made to. Default: nothing, for files that are trusted.</param>
public sealed class OnnxTeacherFormat(Action<NetworkPlace>? probe = null) : ITeacherFormat
{
    private const string Ending = ".onnx";

    /// <inheritdoc/>
    public bool Opens(NetworkPlace place) => place.Name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
        && !Directory.Exists(place.Name);

    /// <inheritdoc/>
    public void Check(NetworkPlace place)
    {
        var (file, settings) = (OnnxFile.Read(place.Name), TeacherSettings.Of(place.Name));
        _ = ImageInputReader.Read(file, settings);
        _ = ModelOutputs.Of(file, settings, place.Part);
    }

    /// <inheritdoc/>
    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        var (file, settings) = (OnnxFile.Read(place.Name), TeacherSettings.Of(place.Name));
        var (input, notes) = ImageInputReader.Read(file, settings);
        var outputs = ModelOutputs.Of(file, settings, place.Part);
        probe?.Invoke(place);
        var teacher = OnnxTeacher.Open(file, input, outputs, Classes(file, settings), options.Device);
        // What is said of it decides its answers, too.
        place.Hash = settings.File is null ? file.Hash
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Hash}\n{settings.Text}")));
        return new Teacher(place, Name(file, settings), teacher)
        {
            Input = input.Spec,
            Notes = teacher.TakesAny ? notes : [.. notes, $"The teacher '{place.Path}' was exported for {input.Batch} "
                + $"image{(input.Batch == 1 ? "" : "s")} at a time, and is fed so."],
        };
    }

    private static string Name(OnnxFile file, TeacherSettings settings) => settings.Architecture ?? Said(file, OnnxExport.NetworkKey)
        ?? Path.GetFileNameWithoutExtension(file.Path);

    private static IReadOnlyList<string> Classes(OnnxFile file, TeacherSettings settings)
    {
        if (settings.Classes is not null || Said(file, OnnxExport.ClassesKey) is not { } text) return settings.Classes ?? [];
        try
        {
            return JsonSerializer.Deserialize<string[]>(text) ?? [];
        }
        catch (JsonException e)
        {
            throw OnnxFault.Of(file.Path, $"its metadata '{OnnxExport.ClassesKey}' can't be read ({e.Message})");
        }
    }

    private static string? Said(OnnxFile file, string key) => file.Model.MetadataProps.FirstOrDefault(pair => pair.Key == key)?.Value;
}
