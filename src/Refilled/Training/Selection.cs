using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Networks;

namespace Refilled.Training;

/// <summary>Scores an epoch on held-out training images; the test images are never seen here.</summary>
internal static class Selection
{
    /// <returns>The measure, in [0, 1].</returns>
    public static double Score(SelectionMeasure measure, EmbeddingNetwork student, ImageSet train, ImageSet heldOut)
    {
        using var held = NetworkReader.Read(student, heldOut);
        if (measure == SelectionMeasure.Accuracy) return TopK.Accuracy(held.Logits, held.Labels, 1);
        using var seen = NetworkReader.Read(student, train);
        using var means = NearestClassMean.Fit(seen.Embeddings, seen.Labels);
        return means.Accuracy(held.Embeddings, held.Labels);
    }
}
