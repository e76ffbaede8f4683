using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>Finds the weights in what a pickle of PyTorch's held, and reads their numbers.</summary>
internal static class PickledWeights
{
    /// <summary>How deep dictionaries are looked into: "state_dict" within "checkpoint" within the file.</summary>
    private const int Deepest = 3;

    /// <summary>What lies beside weights and has tensors, too.</summary>
    private static readonly string[] Others = ["optim", "scheduler", "scaler", "rng"];

    /// <summary>The table of the only weights there are, or of those that are named.</summary>
    /// <param name="path">The file.</param>
    /// <param name="root">What the pickle held.</param>
    /// <param name="part">Which weights; may also mean something else where there is one set.</param>
    /// <param name="read">Fills tensors of storages, which are as long as they should be.</param>
    /// <exception cref="InputException">There are none, or several of which none is named.</exception>
    public static WeightTable Table(string path, object? root, string? part, Action<IReadOnlyDictionary<PickledStorage, Tensor>> read)
    {
        if (root is PickledTensor)
            throw new InputException($"'{path}' holds a single tensor, not the weights of a network.");
        var found = new List<(string Name, Dictionary<string, PickledTensor> Tensors)>();
        Find(root, "", 0, new HashSet<object>(ReferenceEqualityComparer.Instance), found);
        if (found.Count == 0)
            throw new InputException($"'{path}' holds no weights: no dictionary of it has tensors of a layer. "
                + "Save them in Python by torch.save(model.state_dict(), 'weights.pth').");
        var chosen = found.Count == 1 ? found : [.. found.Where(set => set.Name == part)];
        if (chosen.Count != 1)
            throw new InputException($"'{path}' holds several sets of weights: "
                + string.Join(", ", found.Select(set => $"{(set.Name.Length == 0 ? "itself" : set.Name)} ({set.Tensors.Count} tensors)"))
                + ". "
                + $"Name one: '{path}#{found[^1].Name}'.");
        var tensors = chosen[0].Tensors;
        // Few tensors share a storage; many that do would take any amount of memory.
        var lie = tensors.Values.Select(tensor => tensor.Storage).Distinct().ToList();
        var (numbers, stored) = (tensors.Values.Sum(tensor => (double)tensor.Count), lie.Sum(storage => (double)storage.Count));
        if (lie.Sum(storage => (double)storage.Bytes) is var bytes && bytes > new FileInfo(path).Length)
            throw new InputException(
                $"'{path}' is truncated: its tensors take {bytes:0} bytes, but the file has {new FileInfo(path).Length}.");
        if (numbers > 2 * stored + 1024)
            throw new InputException($"'{path}' can't be read: its tensors have {numbers:0} numbers, but what they lie in has {stored:0}.");
        return new WeightTable(path, tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Shape), () => Read(tensors, read),
            [.. found.Select(set => set.Name)]);
    }

    private static void Find(object? value, string name, int depth, HashSet<object> seen,
        List<(string Name, Dictionary<string, PickledTensor> Tensors)> found)
    {
        if (value is not Dictionary<string, object?> dictionary || depth > Deepest || !seen.Add(dictionary)) return;
        var tensors = dictionary.Where(pair => pair.Value is PickledTensor)
            .ToDictionary(pair => pair.Key, pair => (PickledTensor)pair.Value!);
        // A checkpoint may have an accuracy as a tensor; a layer's weight has at least two dimensions.
        if (tensors.Values.Any(tensor => tensor.Shape.Length >= 2)) found.Add((name, tensors));
        foreach (var (key, inner) in dictionary)
            if (!Others.Any(other => key.Contains(other, StringComparison.OrdinalIgnoreCase)))
                Find(inner, name.Length == 0 ? key : $"{name}.{key}", depth + 1, seen, found);
    }

    private static Dictionary<string, Tensor> Read(
        Dictionary<string, PickledTensor> tensors, Action<IReadOnlyDictionary<PickledStorage, Tensor>> read)
    {
        using var scope = NewDisposeScope();
        var storages = tensors.Values.Select(tensor => tensor.Storage).Distinct()
            .ToDictionary(storage => storage, storage => empty([storage.Count], storage.Type));
        read(storages);
        return tensors.ToDictionary(pair => pair.Key, pair =>
        {
            var (storage, offset, shape, strides) = pair.Value;
            return storages[storage].as_strided(shape, strides, offset).clone().DetachFromDisposeScope();
        });
    }
}
