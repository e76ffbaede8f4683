namespace Refilled.Training;

/// <summary>How the best epoch of a stage is chosen, always on held-out training images.</summary>
public enum SelectionMeasure
{
    /// <summary>Top-1 accuracy of the classifier.</summary>
    Accuracy,

    /// <summary>Accuracy of the nearest class mean: unit rows, centres of the training images, evaluation view.</summary>
    NearestClassMean,
}
