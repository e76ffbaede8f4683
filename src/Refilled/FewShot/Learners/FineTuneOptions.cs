using Refilled.FewShot.Adaptation;

namespace Refilled.FewShot.Learners;

/// <summary>The options of <see cref="FineTuneLearner"/>.</summary>
public sealed record FineTuneOptions : AdaptationOptions
{
    /// <summary>How long and how fast. Default 100 steps of 0.01.</summary>
    public AdaptationStage Training { get; init; } = new();

    /// <summary>What trains. Default: the whole network.</summary>
    public TrainedParts Parts { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var problem in base.Validate()) yield return problem;
        foreach (var (path, message) in Training.Validate()) yield return ($"training.{path}", message);
        if (Parts == TrainedParts.Classifier && BatchNorm == BatchNormMode.Batch)
            yield return ("batch-norm", "must be kept where the classifier alone trains: the embedding is left as it is");
    }
}
