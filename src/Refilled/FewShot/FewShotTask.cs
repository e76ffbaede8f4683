using Refilled.Data.Episodes;
using Refilled.Data.Views;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.FewShot;

/// <summary>A few labelled images, and others to classify.</summary>
/// <param name="Number">The task's number, which seeds what a learner draws at random.</param>
/// <param name="Way">Number of classes, N.</param>
/// <param name="Support">The labelled images.</param>
/// <param name="Query">Those to classify; their labels are for the evaluator alone.</param>
public sealed record FewShotTask(long Number, int Way, FewShotImages Support, FewShotImages Query)
{
    /// <summary>Stops whoever solves the task, between two steps. Default: nothing does.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The task of a number from a sampler over the source's set.</summary>
    public static FewShotTask Of(FewShotSource source, EpisodeSampler sampler, long number)
    {
        var episode = sampler[number];
        FewShotImages Images(IReadOnlyList<int> positions) =>
            new(source, positions, [.. Enumerable.Range(0, positions.Count).Select(i => i % episode.Shape.Way)]);
        return new FewShotTask(number, episode.Shape.Way, Images(episode.Support), Images(episode.Queries));
    }
}

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

    /// <summary>Of each image whether a class that it was given is its own.</summary>
    internal IReadOnlyList<bool> Right(IReadOnlyList<int> classes) => [.. classes.Zip(Labels, (given, own) => given == own)];

    /// <summary>Their embeddings under a frozen network, fp32 <c>[n, d]</c>, in the evaluation view.</summary>
    /// <remarks>The network sees the whole source once, at the first call.</remarks>
    public Tensor Embeddings(EmbeddingNetwork network)
    {
        using var scope = NewDisposeScope();
        return Source.Embeddings(network).index_select(0, tensor(Positions.Select(position => (long)position).ToArray()))
            .MoveToOuterDisposeScope();
    }

    /// <summary>A view of each image, uint8 <c>[n, C, H, W]</c>.</summary>
    /// <param name="viewSeed">Seed of the views.</param>
    /// <param name="view">Number of the view; <see cref="View.Evaluation"/> is the plain one.</param>
    public Tensor Images(long viewSeed = 0, int view = View.Evaluation) =>
        Source.Set.Store.Draw([.. Positions.Select(position => new View(viewSeed, Source.Set.SampleIds[position], view))]);
}
