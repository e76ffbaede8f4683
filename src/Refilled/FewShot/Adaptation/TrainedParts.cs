namespace Refilled.FewShot.Adaptation;

/// <summary>What is trained on a support set.</summary>
public enum TrainedParts
{
    /// <summary>The whole network.</summary>
    All,

    /// <summary>The classifier on the embedding as it is, which is far cheaper: each view of an image is embedded once, whatever the
    /// number of steps and of tasks.</summary>
    Classifier,
}
