using Refilled.Data;
using Refilled.Networks;
using Refilled.Networks.Layers;
using static TorchSharp.torch;

namespace Refilled.Weights.PyTorch;

/// <summary>Puts weights of others into a network of the catalogue.</summary>
internal static class WeightLoader
{
    /// <summary>What networks of torchvision were trained on: 224×224, ImageNet's means and deviations.</summary>
    private static readonly InputSpec Photos = InputSpec.Square(224, ChannelStatistics.ImageNet);

    /// <summary>The catalogue's name for a table of weights, and how they are called in it.</summary>
    /// <param name="weights">The table.</param>
    /// <param name="asked">The name that somebody gives; null where it is to be found.</param>
    /// <param name="wayOut">How a name can be given, for messages.</param>
    /// <exception cref="InputException">None or several fit; or the tensors aren't those of the network that was named.</exception>
    public static (string Architecture, KeyMap Names) Identify(WeightTable weights, string? asked, string wayOut)
    {
        var shapes = weights.Shapes;
        if (asked is not null)
        {
            NetworkCatalog.Check(asked);
            var serving = KeyMaps.All.Where(map => map.Serves.IsMatch(asked)).ToList();
            return (asked, serving.Find(map => map.Find(shapes) is not null) ?? serving[0]);
        }
        var found = KeyMaps.All.Select(map => (Architecture: map.Find(shapes)!, Names: map))
            .Where(pair => pair.Architecture is not null && NetworkCatalog.Knows(pair.Architecture)).ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new InputException($"'{weights.Path}' has the weights of no network of the catalogue: it holds "
                + $"{shapes.Count} tensors, {First(shapes)} …. If it is one of "
                + $"{string.Join(", ", NetworkCatalog.Names)}, name it: {wayOut}. Else export it to ONNX or TorchScript."),
            _ => throw new InputException($"The weights of '{weights.Path}' fit several networks, "
                + $"{string.Join(" and ", found.Select(pair => pair.Architecture))}. Name one: {wayOut}."),
        };
    }

    private static string First(IReadOnlyDictionary<string, long[]> shapes) =>
        string.Join(", ", shapes.Take(3).Select(pair => $"{pair.Key} [{string.Join(", ", pair.Value)}]"));

    /// <summary>What such a network was trained on, as a rule.</summary>
    public static InputSpec UsualInput(KeyMap names) => names.ForPhotos ? Photos : InputSpec.Cifar;

    /// <summary>Classes that the weights tell apart.</summary>
    /// <exception cref="InputException">There is no classifier.</exception>
    public static int Classes(WeightTable weights, KeyMap names) =>
        weights.Shapes.TryGetValue(names.Theirs("fc.weight"), out var shape) && shape is [>= 2 and <= 1_000_000, _] ? (int)shape[0]
        : throw new InputException($"'{weights.Path}' doesn't fit the network: its classifier, '{names.Theirs("fc.weight")}', is "
            + $"{(shape is null ? "missing" : $"[{string.Join(", ", shape)}]")}; expected [classes, embedding].");

    /// <summary>Makes the network and reads the weights into it.</summary>
    /// <param name="weights">The table.</param>
    /// <param name="architecture">The catalogue's name.</param>
    /// <param name="names">How the weights are called.</param>
    /// <param name="options">Classes, input, precision and layout.</param>
    /// <param name="reversed">Whether the network reads blue, green, red.</param>
    /// <exception cref="InputException">Tensors are missing, unexpected or of another shape, or not finite.</exception>
    public static EmbeddingNetwork Load(WeightTable weights, string architecture, KeyMap names, NetworkOptions options, bool reversed)
    {
        var network = NetworkCatalog.Create(architecture, options);
        var read = new Dictionary<string, Tensor>();
        try
        {
            var target = ModuleState.Of(network).ToDictionary(pair => names.Theirs(pair.Key), pair => pair.Value);
            // Files of before PyTorch 0.4.1 count no batches.
            foreach (var counter in target.Keys.Where(key => key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToList())
                if (!weights.Shapes.ContainsKey(counter)) target.Remove(counter);
            var origin = $"'{weights.Path}', as a {architecture} with the names of {names.Whose},";
            CheckShapes(weights, target, origin);
            read = weights.Read();
            ModuleState.Restore(target, read, origin);
            if (Finite.FirstBad(ModuleState.Of(network).Where(pair => pair.Value.is_floating_point())) is { } bad)
                throw new InputException($"'{weights.Path}' is damaged: the tensor '{names.Theirs(bad)}' "
                    + "holds numbers that are NaN or infinite.");
            if (reversed) Reverse(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
        finally
        {
            foreach (var tensor in read.Values) tensor.Dispose();
        }
    }

    /// <summary>Finds what doesn't fit before any number is read.</summary>
    private static void CheckShapes(WeightTable weights, Dictionary<string, Tensor> target, string origin)
    {
        if (target.Count == weights.Shapes.Count
            && target.All(pair => weights.Shapes.TryGetValue(pair.Key, out var shape) && shape.SequenceEqual(pair.Value.shape))) return;
        using var scope = NewDisposeScope();
        // Without numbers, so that the report is the same.
        ModuleState.Restore(target, weights.Shapes.ToDictionary(pair => pair.Key, pair => empty(pair.Value, device: META)), origin);
    }

    /// <summary>Turns the input channels of the first convolution round, so that it reads red, green, blue.</summary>
    private static void Reverse(EmbeddingNetwork network)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var first in network.Layers.OfType<ConvolutionLayer>().Where(layer => layer.Inputs[0] is ImagesLayer))
            first.Weight.copy_(first.Weight.flip(1));
    }
}
