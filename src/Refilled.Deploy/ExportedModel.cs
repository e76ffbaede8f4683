using System.Globalization;
using System.Text;
using System.Text.Json;
using Refilled.Data.Views;

namespace Refilled.Deploy;

/// <summary>What an exported file says of itself, read before the runtime sees a byte of it.</summary>
/// <remarks>The keys are those that Refilled.Onnx writes.</remarks>
internal sealed record ExportedModel
{
    private const string Format = "refilled-onnx/1", FormatKey = "refilled.format", ClassesKey = "refilled.classes",
        NetworkKey = "refilled.network", InputKey = "refilled.input", TemperatureKey = "refilled.temperature",
        SourceKey = "refilled.source", UnknownKey = "refilled.unknown";

    // Fields of ModelProto, GraphProto and TensorProto (onnx.proto3).
    private const int ModelGraph = 7, ModelMetadata = 14, GraphTensor = 5, TensorLocation = 14;

    /// <summary>The name of each class, <c>[C]</c>.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The network's architecture.</summary>
    public required string Network { get; init; }

    /// <summary>Height and width of the network's images.</summary>
    public required int Size { get; init; }

    /// <summary>What a graph that takes any size brings the shorter side to before it cuts the middle out.</summary>
    public required int ShortSide { get; init; }

    /// <summary>What logits are divided by before they become probabilities; null where that was never fitted.</summary>
    public required double? Temperature { get; init; }

    /// <summary>When to answer "none of these", as JSON; null where that was never measured.</summary>
    public required string? Unknown { get; init; }

    /// <summary>SHA-256 of the network that was exported; null where it isn't said.</summary>
    public required string? Source { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="DeployException">It is damaged, or no export of Refilled.</exception>
    public static ExportedModel Read(ReadOnlySpan<byte> file, string name)
    {
        Dictionary<string, string> metadata;
        try
        {
            metadata = Checked(file, name);
        }
        catch (FormatException e)
        {
            throw new DeployException($"{name} is {Kind(file)}: {e.Message}. {Anew}", e);
        }
        string Of(string key) => metadata.TryGetValue(key, out var value) ? value
            : throw new DeployException($"{name} is ONNX, but no export of Refilled: its metadata lacks '{key}'. {Anew}");
        if (Of(FormatKey) is var format && format != Format)
            throw new DeployException($"{name} has the format '{format}', and this version reads '{Format}': "
                + "use a Refilled.Deploy as new as the Refilled that exported it.");
        try
        {
            var classes = JsonSerializer.Deserialize<string[]>(Of(ClassesKey)) ?? [];
            using var input = JsonDocument.Parse(Of(InputKey));
            int Side(string key) => input.RootElement.GetProperty(key).GetInt32();
            var (height, width, channels, shorter) = (Side("Height"), Side("Width"), Side("Channels"), Side("ShortSide"));
            double? temperature = metadata.TryGetValue(TemperatureKey, out var fitted)
                ? double.Parse(fitted, CultureInfo.InvariantCulture) : null;
            if (classes.Length == 0 || classes.Contains(null!)) throw new FormatException("there are no classes");
            if (height != width || height is < 8 or > 1024 || shorter < height || shorter > 2 * height || channels != Framing.Channels)
                throw new FormatException($"images of {channels}×{height}×{width}, with {shorter} for the shorter side");
            return new ExportedModel
            {
                ClassNames = classes, Network = Of(NetworkKey), Size = height, ShortSide = shorter, Temperature = temperature,
                Source = metadata.GetValueOrDefault(SourceKey), Unknown = metadata.GetValueOrDefault(UnknownKey),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DeployException($"{name} has metadata that can't be used: {e.Message}. {Anew}", e);
        }
    }

    private const string Anew = "Write one with 'refilled export <network> --onnx <file>'.";

    /// <summary>Walks the file, and gives its metadata.</summary>
    private static Dictionary<string, string> Checked(ReadOnlySpan<byte> file, string name)
    {
        if (file.IsEmpty) throw new FormatException("it has no bytes");
        var metadata = new Dictionary<string, string>();
        var hasGraph = false;
        for (var model = new WireReader(file); model.Next();)
        {
            if (model.Field == ModelMetadata)
            {
                var (key, value) = ("", "");
                for (var entry = new WireReader(model.Bytes); entry.Next();)
                    if (entry.Field == 1) key = Encoding.UTF8.GetString(entry.Bytes);
                    else if (entry.Field == 2) value = Encoding.UTF8.GetString(entry.Bytes);
                metadata[key] = value;
            }
            if (model.Field != ModelGraph) continue;
            hasGraph = true;
            for (var graph = new WireReader(model.Bytes); graph.Next();)
            {
                if (graph.Field != GraphTensor) continue;
                for (var tensor = new WireReader(graph.Bytes); tensor.Next();)
                    if (tensor.Field == TensorLocation && tensor.Number != 0)
                        throw new DeployException($"{name} has weights in another file, as no export of Refilled has. {Anew}");
            }
        }
        return hasGraph ? metadata : throw new FormatException("there is no graph in it");
    }

    /// <summary>What a file that can't be read may be.</summary>
    private static string Kind(ReadOnlySpan<byte> file) =>
        file.IsEmpty ? "no ONNX file"
            : file.StartsWith("version https://git-lfs"u8) ? "a git-lfs pointer, not the file itself ('git lfs pull' brings it)"
            : file.StartsWith("<"u8) ? "a page of HTML or XML, no ONNX file"
            : file[0] == 8 ? "truncated or damaged" : "no ONNX file";
}
