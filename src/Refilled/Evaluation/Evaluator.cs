using Refilled.Data;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Measures a network on test images, with centres and neighbours from the training images.</summary>
public static class Evaluator
{
    /// <summary>All measures.</summary>
    /// <param name="network">The network.</param>
    /// <param name="train">Images that centres and neighbours are taken from; there may be none.</param>
    /// <param name="test">Images that are classified.</param>
    /// <param name="cancel">Stops it.</param>
    public static EvaluationResult Evaluate(
        EmbeddingNetwork network, ImageSet train, ImageSet test, CancellationToken cancel = default)
    {
        using var seen = NetworkReader.Read(network, train, cancel);
        using var tested = NetworkReader.Read(network, test, cancel);
        return Of(seen, tested, tested.Logits, cancel);
    }

    /// <summary>All measures of what was read already.</summary>
    /// <param name="seen">Where centres and neighbours are taken from; there may be none.</param>
    /// <param name="tested">The images that are classified.</param>
    /// <param name="scores">What they are classified by, <c>[N, C]</c>.</param>
    /// <param name="cancel">Stops it.</param>
    internal static EvaluationResult Of(Readings seen, Readings tested, Tensor scores, CancellationToken cancel = default)
    {
        var examples = seen.Labels.shape[0] > 0;
        using var means = examples ? NearestClassMean.Fit(seen.Embeddings, seen.Labels) : null;
        return new EvaluationResult(
            TopK.Accuracy(scores, tested.Labels, 1),
            TopK.Accuracy(scores, tested.Labels, 5),
            means?.Accuracy(tested.Embeddings, tested.Labels),
            examples ? NearestNeighbour.Accuracy(seen.Embeddings, seen.Labels, tested.Embeddings, tested.Labels, cancel) : null,
            (int)tested.Labels.shape[0])
        {
            Right = TopK.Right(scores, tested.Labels),
        };
    }

    /// <summary>The class that the network gives each image, in the set's order.</summary>
    internal static IReadOnlyList<int> Answers(EmbeddingNetwork network, ImageSet test)
    {
        using var tested = NetworkReader.Read(network, test);
        using var first = tested.Logits.argmax(1);
        return [.. first.data<long>().Select(answer => (int)answer)];
    }

    /// <summary>Of each image whether the first choice is right, in the set's order, and nothing else.</summary>
    public static IReadOnlyList<bool> Right(EmbeddingNetwork network, ImageSet test, CancellationToken cancel = default)
    {
        using var tested = NetworkReader.Read(network, test, cancel);
        return TopK.Right(tested.Logits, tested.Labels);
    }
}

/// <summary>Accuracies of a network on test images, in [0, 1].</summary>
/// <param name="Top1">The classifier's first choice is right.</param>
/// <param name="Top5">The right class is among the classifier's first five.</param>
/// <param name="Ncm">Nearest class mean: unit rows, centres of the training images; null where there are none.</param>
/// <param name="Nn1">The nearest training image, by Euclidean distance of the embeddings, has the right class; null likewise.</param>
/// <param name="Images">Number of test images.</param>
public sealed record EvaluationResult(double Top1, double Top5, double? Ncm, double? Nn1, int Images)
{
    /// <summary>Of each image whether the first choice is right, in the set's order.</summary>
    public IReadOnlyList<bool> Right { get; init; } = [];
}
