using static TorchSharp.torch;

namespace Refilled.Weights;

/// <summary>What a safetensors file held. It owns its tensors.</summary>
/// <param name="tensors">The tensors by name, in the file's order, on the CPU.</param>
/// <param name="metadata">Free text by key.</param>
public sealed class SafetensorsFile(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata) : IDisposable
{
    /// <summary>The tensors by name, in the file's order, on the CPU.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; } = tensors;

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; } = metadata;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
