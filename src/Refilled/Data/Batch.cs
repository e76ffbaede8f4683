using TorchSharp;

namespace Refilled.Data;

/// <summary>Some augmented images and what is known about them. It owns its tensors; dispose it after the step.</summary>
/// <param name="images">uint8 <c>[B, C, H, W]</c>: every network applies its own <c>InputSpec</c>.</param>
/// <param name="labels">int64 <c>[B]</c>, in <c>0 … classes-1</c> of the set that was streamed.</param>
/// <param name="sampleIds">int64 <c>[B]</c>: indices into the full source, never into a subset.</param>
/// <param name="views">The view number of each image <c>[B]</c>; -1 is the evaluation view.</param>
public sealed class Batch(torch.Tensor images, torch.Tensor labels, IReadOnlyList<long> sampleIds, IReadOnlyList<int> views) : IDisposable
{
    /// <summary>uint8 <c>[B, C, H, W]</c>.</summary>
    public torch.Tensor Images { get; } = images;

    /// <summary>int64 <c>[B]</c>.</summary>
    public torch.Tensor Labels { get; } = labels;

    /// <summary>Indices into the full source <c>[B]</c>.</summary>
    public IReadOnlyList<long> SampleIds { get; } = sampleIds;

    /// <summary>View numbers <c>[B]</c>; -1 is the evaluation view.</summary>
    public IReadOnlyList<int> Views { get; } = views;

    /// <summary>Number of images, B.</summary>
    public int Size => SampleIds.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
