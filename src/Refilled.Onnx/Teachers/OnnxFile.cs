using System.Security.Cryptography;
using Google.Protobuf;
using global::Onnx;
using Refilled.Files;
using Refilled.Teachers;

namespace Refilled.Onnx.Teachers;

/// <summary>An ONNX file, read by our own code and found to be sound.</summary>
/// <remarks>ONNX Runtime is given what this wrote anew, never the file's own bytes: it can crash on malformed ones.</remarks>
internal sealed class OnnxFile
{
    /// <summary>Messages within messages; a sound model has a dozen.</summary>
    private const int MostNested = 64;

    private OnnxFile(string path, ModelProto model, string hash) => (Path, Model, Hash) = (path, model, hash);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The model; what lay outside of the file is in it.</summary>
    public ModelProto Model { get; }

    /// <summary>SHA-256 (hex) of the file, and of what lies outside of it.</summary>
    public string Hash { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It is missing, damaged, or claims what can't be.</exception>
    public static OnnxFile Read(string path)
    {
        var bytes = Bytes(path);
        ModelProto model;
        try
        {
            // A message of another kind is made of fields that an ONNX file doesn't have.
            var parser = ModelProto.Parser.WithDiscardUnknownFields(true);
            using var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes), int.MaxValue, MostNested);
            model = parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NoModel(path, e.Message);
        }
        // What is of another format may be read as a message of which nothing is known.
        if (model.Graph is null || model.Graph.Node.Count == 0) throw NoModel(path, "It holds no graph.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(bytes);
        var tensors = new TensorCheck(path, bytes.LongLength, hash);
        GraphCheck.Check(path, model, tensors);
        return new OnnxFile(path, model, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static InputException NoModel(string path, string why)
    {
        var kind = FileKinds.Of(path);
        return new InputException(kind != FileKind.Onnx && FileKinds.Describe(kind) is { } said ? $"'{path}' is no ONNX file: it is {said}."
            : $"'{path}' is no ONNX file, or a truncated one. {why}");
    }

    private static byte[] Bytes(string path)
    {
        if (!File.Exists(path)) throw new InputException($"There is no file '{path}'.");
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0) throw new InputException($"'{path}' is empty.");
            if (length >= int.MaxValue)
                throw new InputException($"'{path}' is larger than 2 GB, which an ONNX file can't be: "
                    + "its format keeps more in files beside it.");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' can't be read: {e.Message}", e);
        }
    }
}

/// <summary>Words about the settings beside a file.</summary>
internal static class SettingsName
{
    /// <summary>The file that says them, or where one could.</summary>
    public static string Named(this TeacherSettings settings, string file) => settings.File ?? TeacherSettings.PlacesFor(file)[0];
}
