namespace Refilled.FewShot.Adaptation;

/// <summary>How an adapted network classifies.</summary>
public enum AdaptedPrediction
{
    /// <summary>By the largest logit.</summary>
    Classifier,

    /// <summary>By the nearest class mean of the support, rows of the adapted embedding brought to unit length.</summary>
    NearestClassMean,
}
