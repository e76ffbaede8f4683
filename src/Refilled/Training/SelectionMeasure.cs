namespace Refilled.Training;

/// <summary>How the best epoch of a stage is chosen: on held-out training images or by validation tasks, never on test images.</summary>
public enum SelectionMeasure
{
    /// <summary>Top-1 accuracy of the classifier.</summary>
    Accuracy,

    /// <summary>Accuracy of the nearest class mean: unit rows, centres of the training images, evaluation view.</summary>
    NearestClassMean,

    /// <summary>Mean accuracy over few-shot tasks of validation classes, by what the stage trains to solve them, or else by the
    /// nearest class mean.</summary>
    Episodes,
}
