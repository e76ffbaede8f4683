using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Losses;
using Refilled.Networks;

namespace Refilled.Training;

/// <summary>Scores an epoch on held-out training images; the test images are never seen here.</summary>
internal static class Selection
{
    /// <returns>The measure, in [0, 1].</returns>
    public static double Score(
        SelectionMeasure measure, EmbeddingNetwork student, ImageSet train, ImageSet heldOut, CancellationToken cancel = default)
    {
        using var held = NetworkReader.Read(student, heldOut, cancel);
        if (measure == SelectionMeasure.Accuracy) return TopK.Accuracy(held.Logits, held.Labels, 1);
        using var seen = NetworkReader.Read(student, train, cancel);
        using var means = NearestClassMean.Fit(seen.Embeddings, seen.Labels);
        return means.Accuracy(held.Embeddings, held.Labels);
    }
}

/// <summary>How the best epoch of a stage is chosen: on held-out training images or validation tasks, never on test images.</summary>
public enum SelectionMeasure
{
    /// <summary>Top-1 accuracy of the classifier.</summary>
    Accuracy,

    /// <summary>Accuracy of the nearest class mean: unit rows, centres of the training images, evaluation view.</summary>
    NearestClassMean,

    /// <summary>Mean accuracy over few-shot tasks of validation classes.</summary>
    /// <remarks>They are solved by what the stage trains to solve them, or else by the nearest class mean.</remarks>
    Episodes,
}

/// <summary>What chooses a stage's best epoch in place of held-out images; see <see cref="SelectionMeasure.Episodes"/>.</summary>
public interface IEpochScore
{
    /// <summary>What it asks, such as "200 validation tasks of 16 other classes".</summary>
    string Description { get; }

    /// <summary>How good the student is now, in [0, 1]; it and the objectives are in evaluation mode.</summary>
    /// <param name="student">The student.</param>
    /// <param name="objectives">What the stage trains beside it.</param>
    /// <param name="cancel">Stops it.</param>
    double Score(EmbeddingNetwork student, IReadOnlyList<Objective> objectives, CancellationToken cancel = default);
}
