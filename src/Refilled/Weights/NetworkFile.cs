using System.Text.Json;
using Refilled.Networks;

namespace Refilled.Weights;

/// <summary>A trained network as one safetensors file: weights in fp32, and in the metadata the architecture, the
/// classes and the input specification, so that the file alone is enough to use it.</summary>
public static class NetworkFile
{
    /// <summary>Name of the network of a run in its folder.</summary>
    public const string NameInRun = "network.safetensors";

    private const string Format = "refilled-network/1";

    /// <summary>Writes the network, atomically.</summary>
    public static void Save(string path, TrainedNetwork trained) => Safetensors.Write(path, ModuleState.Of(trained.Network), new Dictionary<string, string>
    {
        ["format"] = Format,
        ["architecture"] = trained.Network.Architecture,
        ["classes"] = JsonSerializer.Serialize(trained.ClassNames),
        ["input"] = JsonSerializer.Serialize(trained.Network.Input),
    });

    /// <summary>The architecture of a network that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or not a network of ours.</exception>
    internal static string ArchitectureOf(string path)
    {
        using var network = Load(path, Precision.Fp32).Network;
        return network.Architecture;
    }

    /// <summary>Reads a network that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="precision">Number format that its convolutions shall compute in.</param>
    /// <param name="layout">How its feature maps shall lie in memory.</param>
    /// <exception cref="InputException">The file is missing, damaged, or not a network of ours.</exception>
    public static TrainedNetwork Load(string path, Precision precision, Layout layout = Layout.ChannelsLast)
    {
        using var file = Safetensors.Read(path);
        if (!file.Metadata.TryGetValue("format", out var format) || format != Format)
            throw new InputException($"'{path}' is no network file of Refilled: its metadata lacks format '{Format}'.");
        try
        {
            var classes = JsonSerializer.Deserialize<string[]>(file.Metadata["classes"])!;
            var input = JsonSerializer.Deserialize<InputSpec>(file.Metadata["input"])!;
            var network = NetworkCatalog.Create(file.Metadata["architecture"], new NetworkOptions(classes.Length) { Input = input, Precision = precision, Layout = layout });
            ModuleState.Restore(ModuleState.Of(network), file.Tensors, $"'{path}'");
            return new TrainedNetwork(network, classes);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new InputException($"'{path}' is a damaged network file: its metadata must hold architecture, classes and input ({e.Message}).", e);
        }
    }
}
