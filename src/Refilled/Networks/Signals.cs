using TorchSharp;

namespace Refilled.Networks;

/// <summary>What was read from one pass of a network over a batch: only what was asked for. Reading a part that was
/// not asked for throws <see cref="InvalidOperationException"/>.</summary>
/// <param name="embedding"><c>[B, d]</c>, fp32, or null.</param>
/// <param name="logits"><c>[B, C]</c>, fp32, or null.</param>
/// <param name="featureMaps">One <c>[B, c, h, w]</c> per stage of the network, or null.</param>
public sealed class Signals(torch.Tensor? embedding = null, torch.Tensor? logits = null, IReadOnlyList<torch.Tensor>? featureMaps = null)
{
    /// <summary>No signal at all: what a loss that needs no teacher is given.</summary>
    public static Signals None { get; } = new();

    /// <summary>The embedding, <c>[B, d]</c>, fp32.</summary>
    public torch.Tensor Embedding => embedding ?? throw Missing(nameof(Embedding));

    /// <summary>The logits, <c>[B, C]</c>, fp32.</summary>
    public torch.Tensor Logits => logits ?? throw Missing(nameof(Logits));

    /// <summary>The output of each stage of the network, <c>[B, c, h, w]</c> each.</summary>
    public IReadOnlyList<torch.Tensor> FeatureMaps => featureMaps ?? throw Missing(nameof(FeatureMaps));

    private static InvalidOperationException Missing(string what) =>
        new($"{what} was read, but the pass was not asked for it; name it in the needs.");
}
