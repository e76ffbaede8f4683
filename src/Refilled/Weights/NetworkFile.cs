using System.Security.Cryptography;
using System.Text.Json;
using Refilled.Networks;

namespace Refilled.Weights;

/// <summary>A trained network as one safetensors file, which alone is enough to use it.</summary>
/// <remarks>Weights in fp32, and in the metadata the architecture, the classes and the input specification.</remarks>
public static class NetworkFile
{
    /// <summary>Name of the network of a run in its folder.</summary>
    public const string NameInRun = "network.safetensors";

    private const string Format = "refilled-network/1";

    /// <summary>Writes the network, atomically.</summary>
    public static void Save(string path, TrainedNetwork trained) => Safetensors.Write(
        path,
        ModuleState.Of(trained.Network),
        new Dictionary<string, string>
        {
            ["format"] = Format,
            ["architecture"] = trained.Network.Architecture,
            ["classes"] = JsonSerializer.Serialize(trained.ClassNames),
            ["input"] = JsonSerializer.Serialize(trained.Network.Input),
        });

    /// <summary>Writes the weights alone, under the names of a PyTorch module's state.</summary>
    internal static void SaveWeights(string path, EmbeddingNetwork network) =>
        Safetensors.Write(path, ModuleState.Of(network), new Dictionary<string, string> { ["format"] = "pt" });

    /// <summary>Checks the table of contents of a network that <see cref="Save"/> wrote, without reading the weights.</summary>
    /// <exception cref="InputException">The file is missing, truncated, or not a network of ours.</exception>
    internal static void Check(string path) => CheckFormat(path, Safetensors.ReadHeader(path, out _).Metadata);

    /// <summary>Reads a network that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="precision">Number format that its convolutions shall compute in.</param>
    /// <param name="layout">How its feature maps shall lie in memory.</param>
    /// <exception cref="InputException">The file is missing, damaged, or not a network of ours.</exception>
    public static TrainedNetwork Load(string path, Precision precision, Layout layout = Layout.ChannelsLast) =>
        Load(path, precision, layout, null);

    /// <summary>As <see cref="Load(string, Precision, Layout)"/>, and adds every byte of the file, in order, to a hash.</summary>
    internal static TrainedNetwork Load(string path, Precision precision, Layout layout, IncrementalHash? hash)
    {
        using var file = Safetensors.Read(path, hash);
        CheckFormat(path, file.Metadata);
        EmbeddingNetwork? network = null;
        try
        {
            var classes = JsonSerializer.Deserialize<string[]>(file.Metadata["classes"])!;
            var input = JsonSerializer.Deserialize<InputSpec>(file.Metadata["input"])!;
            var options = new NetworkOptions(classes.Length) { Input = input, Precision = precision, Layout = layout };
            network = NetworkCatalog.Create(file.Metadata["architecture"], options);
            ModuleState.Restore(ModuleState.Of(network), file.Tensors, $"'{path}'");
            return new TrainedNetwork(network, classes);
        }
        catch (Exception e)
        {
            network?.Dispose();
            if (e is not (JsonException or KeyNotFoundException)) throw;
            throw new InputException(
                $"'{path}' is a damaged network file: its metadata must hold architecture, classes and input ({e.Message}).", e);
        }
    }

    private static void CheckFormat(string path, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("format", out var format) || format != Format)
            throw new InputException($"'{path}' is no network file of Refilled: its metadata lacks format '{Format}'.");
    }
}

/// <summary>A network and what its outputs mean.</summary>
/// <param name="Network">The network.</param>
/// <param name="ClassNames">The name of each logit, <c>[C]</c>.</param>
public sealed record TrainedNetwork(EmbeddingNetwork Network, IReadOnlyList<string> ClassNames);
