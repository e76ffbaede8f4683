namespace Refilled.Evaluation;

/// <summary>Accuracies of a network on test images, in [0, 1].</summary>
/// <param name="Top1">The classifier's first choice is right.</param>
/// <param name="Top5">The right class is among the classifier's first five.</param>
/// <param name="Ncm">Nearest class mean: unit rows, centres of the training images.</param>
/// <param name="Nn1">The nearest training image, by Euclidean distance of the embeddings, has the right class.</param>
/// <param name="Images">Number of test images.</param>
public sealed record EvaluationResult(double Top1, double Top5, double Ncm, double Nn1, int Images)
{
    /// <summary>Of each image whether the first choice is right, in the set's order.</summary>
    public IReadOnlyList<bool> Right { get; init; } = [];
}
