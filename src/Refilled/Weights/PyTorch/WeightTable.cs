using Refilled.Files;
using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>The tensors of a file of PyTorch's by name: their shapes at once, their numbers when they are asked for.</summary>
internal sealed class WeightTable
{
    private readonly Func<Dictionary<string, Tensor>> read;

    /// <param name="path">The file, for messages.</param>
    /// <param name="shapes">The shape of each tensor.</param>
    /// <param name="read">Reads them all, by the same names, outside any dispose scope.</param>
    /// <param name="sets">The names of all sets of weights in the file. Default: they have none.</param>
    public WeightTable(
        string path, IReadOnlyDictionary<string, long[]> shapes, Func<Dictionary<string, Tensor>> read, IReadOnlyList<string>? sets = null)
    {
        (Path, Sets) = (path, sets ?? []);
        var plain = PlainNames.Of(shapes.Keys);
        Shapes = shapes.ToDictionary(pair => plain(pair.Key), pair => pair.Value);
        this.read = () => read().ToDictionary(pair => plain(pair.Key), pair => pair.Value);
    }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>The names of all sets of weights in the file, of which this is one.</summary>
    public IReadOnlyList<string> Sets { get; }

    /// <summary>The shape of each tensor, by its name without what wrappers put before all of them.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Reads a file's table, whatever kind it is of.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">Which weights of several; null where there is one set, or that is another's matter.</param>
    /// <exception cref="InputException">It is damaged, holds anything but tensors and plain data, or several sets of weights.</exception>
    public static WeightTable Open(string path, string? part = null) => FileKinds.Of(path) switch
    {
        FileKind.TorchZip => ZipWeights.Open(path, part),
        FileKind.TorchPickles => LegacyWeights.Open(path, part),
        _ => OfSafetensors(path),
    };

    /// <summary>All numbers; the caller owns the tensors.</summary>
    /// <exception cref="InputException">They aren't there as they should be.</exception>
    public Dictionary<string, Tensor> Read() => read();

    private static WeightTable OfSafetensors(string path) => new(
        path,
        Safetensors.ReadHeader(path, out _).Entries.ToDictionary(entry => entry.Name, entry => entry.Shape),
        () => Safetensors.Read(path).Tensors.ToDictionary());
}
