using TorchSharp;

namespace Refilled.Networks;

/// <summary>What was read from one pass of a network over a batch: only what was asked for.</summary>
/// <remarks>Reading a part that was not asked for throws <see cref="InvalidOperationException"/>.</remarks>
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

    /// <summary>The same parts, each changed.</summary>
    internal Signals Select(Func<torch.Tensor, torch.Tensor> change) => new(
        embedding is null ? null : change(embedding),
        logits is null ? null : change(logits),
        featureMaps is null ? null : [.. featureMaps.Select(change)]);

    /// <summary>Embeddings and logits of the passes that a set of images took, one after the other.</summary>
    /// <param name="passes">At least one; all with the same parts.</param>
    internal static Signals Join(IEnumerable<Signals> passes)
    {
        var parts = passes.ToList();
        return parts is [var only] ? only : new Signals(
            parts[0].HasEmbedding ? torch.cat([.. parts.Select(part => part.Embedding)], 0) : null,
            parts[0].HasLogits ? torch.cat([.. parts.Select(part => part.Logits)], 0) : null);
    }

    private bool HasEmbedding => embedding is not null;

    private bool HasLogits => logits is not null;

    private static InvalidOperationException Missing(string what) =>
        new($"{what} was read, but the pass was not asked for it; name it in the needs.");
}

/// <summary>What is to be read from one pass of a network.</summary>
/// <remarks>A loss states its needs, a teacher what it provides, so that a mismatch is found before any data is loaded.</remarks>
[Flags]
public enum Needs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The globally pooled (or flattened) last feature map, <c>[B, d]</c>.</summary>
    Embedding = 1,

    /// <summary>The classifier's output before the softmax, <c>[B, C]</c>.</summary>
    Logits = 2,

    /// <summary>The output of each stage of the network, <c>[B, c, h, w]</c> each.</summary>
    FeatureMaps = 4,
}
