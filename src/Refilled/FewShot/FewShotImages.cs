using Refilled.Data.Views;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>Some images of a source, with the classes that a task gives them.</summary>
/// <param name="Source">Where the images are.</param>
/// <param name="Positions">Positions in the source's set, <c>[n]</c>.</param>
/// <param name="Labels">The task's class of each, in 0 … N-1, <c>[n]</c>.</param>
public sealed record FewShotImages(FewShotSource Source, IReadOnlyList<int> Positions, IReadOnlyList<int> Labels)
{
    /// <summary>Number of images, n.</summary>
    public int Count => Positions.Count;

    /// <summary>The labels as int64 <c>[n]</c>.</summary>
    public Tensor LabelTensor() => tensor(Labels.Select(label => (long)label).ToArray());

    /// <summary>Their embeddings under a frozen network, fp32 <c>[n, d]</c>, in the evaluation view; the network sees the whole source
    /// once, at the first call.</summary>
    public Tensor Embeddings(EmbeddingNetwork network)
    {
        using var scope = NewDisposeScope();
        return Source.Embeddings(network).index_select(0, tensor(Positions.Select(position => (long)position).ToArray())).MoveToOuterDisposeScope();
    }

    /// <summary>A view of each image, uint8 <c>[n, C, H, W]</c>.</summary>
    /// <param name="viewSeed">Seed of the views.</param>
    /// <param name="view">Number of the view; <see cref="View.Evaluation"/> is the plain one.</param>
    public Tensor Images(long viewSeed = 0, int view = View.Evaluation)
    {
        var store = Source.Set.Store;
        var shape = store.ViewShape;
        var images = empty([Count, shape.Channels, shape.Height, shape.Width], ScalarType.Byte, device: CPU);
        var pixels = images.bytes;
        for (var i = 0; i < Count; i++) store.Draw(new View(viewSeed, Source.Set.SampleIds[Positions[i]], view), pixels.Slice(i * shape.Bytes, shape.Bytes));
        return images;
    }
}
