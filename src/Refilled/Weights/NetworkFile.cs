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

    private const int LeastSide = 4, MostSide = 4096, MostChannels = 64;

    /// <summary>Writes the network, atomically.</summary>
    public static void Save(string path, TrainedNetwork trained) => Safetensors.WriteSealed(
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
        var (architecture, classes, input) = Described(path, file);
        var options = new NetworkOptions(classes.Length) { Input = input, Precision = precision, Layout = layout };
        var network = NetworkCatalog.Create(architecture, options);
        try
        {
            ModuleState.Restore(ModuleState.Of(network), file.Tensors, $"'{path}'");
            return new TrainedNetwork(network, classes);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>What the metadata say, held against what is in the file before a network is made.</summary>
    /// <exception cref="InputException">It can't be so.</exception>
    private static (string Architecture, string[] Classes, InputSpec Input) Described(string path, SafetensorsFile file)
    {
        InputException Damaged(string why, Exception? inner = null) => new($"'{path}' is a damaged network file: {why}.", inner!);
        string Text(string key) => file.Metadata.TryGetValue(key, out var text) ? text
            : throw Damaged($"its metadata must hold architecture, classes and input ('{key}' is missing)");
        T Read<T>(string key) where T : class
        {
            try
            {
                return JsonSerializer.Deserialize<T>(Text(key)) ?? throw Damaged($"its '{key}' is null");
            }
            catch (JsonException e)
            {
                throw Damaged($"its metadata must hold architecture, classes and input ({e.Message})", e);
            }
        }
        var (architecture, classes, input) = (Text("architecture"), Read<string[]>("classes"), Read<InputSpec>("input"));
        if (classes.Length == 0 || classes.Any(name => name is null)) throw Damaged("it has no names of classes");
        if (classes.CountBy(name => name).FirstOrDefault(own => own.Value > 1) is { Value: > 1 } twice)
            throw Damaged($"the class '{twice.Key}' stands twice in it");
        bool IsSide(int side) => side is >= LeastSide and <= MostSide;
        if (!IsSide(input.Height) || !IsSide(input.Width))
            throw Damaged($"it wants to see {input.Width}×{input.Height} pixels; sides are from {LeastSide} to {MostSide}");
        if (input.Mean is not { Count: > 0 and <= MostChannels } means || input.Std is not { } deviations || deviations.Count != means.Count
            || !means.All(double.IsFinite) || !deviations.All(number => double.IsFinite(number) && number > 0))
            throw Damaged("its means and deviations of the channels can't be used");
        var convolutions = file.Tensors.Values.Where(tensor => tensor.dim() == 4).ToList();
        var least = NetworkCatalog.Least(architecture);
        if (convolutions.Count < least.Convolutions || (least.Channels > 0 && convolutions.Max(tensor => tensor.shape[0]) < least.Channels))
            throw Damaged($"a network '{architecture}' has more weights than are in it");
        return (architecture, classes, input);
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
