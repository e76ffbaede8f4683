using Refilled.FewShot.Adaptation;
using Refilled.Losses;
using Refilled.Losses.Alignment;

namespace Refilled.FewShot.Learners;

/// <summary>The options of <see cref="RefilledLearner"/>.</summary>
public sealed record RefilledOptions : AdaptationOptions
{
    /// <summary>The first stage: the embedding is aligned with the teacher's. Default 50 steps of 0.01 (ours).</summary>
    public AdaptationStage Stage1 { get; init; } = new() { Steps = 50 };

    /// <summary>The second stage: the classifier, and the embedding with it. Default 50 steps of 0.01 (ours).</summary>
    public AdaptationStage Stage2 { get; init; } = new() { Steps = 50 };

    /// <summary>Views of each image in a step of the first stage. Two and more are a class's positive pairs where there is one shot.
    /// Default 2 (ours).</summary>
    public int ViewsPerImage { get; init; } = 2;

    /// <summary>The loss of the first stage. Default weight 500: the effective weight of REFILLED's authors.</summary>
    public TripletAlignment TripletAlignment { get; init; } = new() { Weight = 500 };

    /// <summary>What stands beside cross-entropy in the second stage. Default: centres from the whole support in the evaluation view, as
    /// there is no reason to see but a part of it, and unit embeddings; the temperature of 0.3 makes of these what 2 makes of squared
    /// distances with mean 8 (ours).</summary>
    public LocalClassifier LocalClassifier { get; init; } = new() { Centres = Centres.Global, Normalise = Normalisation.Unit, TeacherTemperature = 0.3 };

    /// <inheritdoc/>
    public override IEnumerable<(string Path, string Message)> Validate()
    {
        foreach (var problem in base.Validate()) yield return problem;
        foreach (var (path, message) in Stage1.Validate()) yield return ($"stage1.{path}", message);
        foreach (var (path, message) in Stage2.Validate()) yield return ($"stage2.{path}", message);
        if (ViewsPerImage is < 1 or > 1000) yield return ("views-per-image", $"must be from 1 to 1000, not {ViewsPerImage}");
        else if (ViewsPerImage > Math.Max(1, Views)) yield return ("views-per-image", $"must be at most the number of views ({Views}), not {ViewsPerImage}: the same view twice is no pair");
        foreach (var (path, message) in TripletAlignment.Validate()) yield return ($"triplet-alignment.{path}", message);
        foreach (var (path, message) in LocalClassifier.Validate()) yield return ($"local-classifier.{path}", message);
    }
}
