using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>Reading and writing all parameters and buffers of a module by name.</summary>
internal static class ModuleState
{
    /// <summary>Parameters and buffers by name, live: writing into them changes the module.</summary>
    public static Dictionary<string, Tensor> Of(nn.Module module) => module.state_dict();

    /// <summary>Copies of all tensors, outside any dispose scope; the caller owns them.</summary>
    public static Dictionary<string, Tensor> Copy(IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return state.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Writes every tensor of <paramref name="source"/> into the one of the same name; layouts stay the target's.</summary>
    /// <param name="target">Live tensors.</param>
    /// <param name="source">What is written into them.</param>
    /// <param name="origin">Where the source comes from, for the message.</param>
    /// <exception cref="InputException">A name is missing, left over, or has another shape.</exception>
    public static void Restore(IReadOnlyDictionary<string, Tensor> target, IReadOnlyDictionary<string, Tensor> source, string origin)
    {
        static string Sizes(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
        var missing = target.Keys.Except(source.Keys).ToList();
        var unexpected = source.Keys.Except(target.Keys).ToList();
        var misshapen = target.Where(pair => source.TryGetValue(pair.Key, out var given) && !pair.Value.shape.SequenceEqual(given.shape))
            .Select(pair => $"{pair.Key} is {Sizes(source[pair.Key])}, expected {Sizes(pair.Value)}").ToList();
        if (missing.Count + unexpected.Count + misshapen.Count > 0)
            throw new InputException($"{origin} doesn't fit the network: {Count("missing", missing)}; {Count("unexpected", unexpected)}; "
                + $"{Count("of another shape", misshapen)}.");
        using var _ = no_grad();
        foreach (var (name, tensor) in target) tensor.copy_(source[name]);
    }

    /// <summary>Copies all but the classifier of a network to another of its architecture.</summary>
    /// <exception cref="InputException">The architectures differ.</exception>
    public static void CopyEmbedding(EmbeddingNetwork from, EmbeddingNetwork to, string origin)
    {
        Dictionary<string, Tensor> Embedding(EmbeddingNetwork network) =>
            Of(network).Where(pair => !from.IsOfClassifier(pair.Key)).ToDictionary();
        Restore(Embedding(to), Embedding(from), origin);
    }

    private static string Count(string what, List<string> names) =>
        names.Count == 0 ? $"nothing {what}"
            : $"{names.Count} {what} ({string.Join(", ", names.Take(3))}{(names.Count > 3 ? " …" : "")})";
}
