using Refilled.Recipes;

namespace Refilled.FewShot.Learners;

/// <summary>The options of <see cref="MamlLearner"/>, where they aren't those that its network was trained with.</summary>
public sealed record MamlOptions : IValidated
{
    /// <summary>Gradient steps on a task. Default: the loss's <see cref="Losses.MamlLoss.TestSteps"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>Learning rate of the steps. Default: the loss's <see cref="Losses.MamlLoss.InnerLearningRate"/>.</summary>
    public double? LearningRate { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Steps is < 0 or > 1000) yield return ("steps", $"must be from 0 to 1000, not {Steps}");
        if (LearningRate is { } rate && !(rate > 0 && double.IsFinite(rate))) yield return ("learning-rate", $"must be positive, not {LearningRate}");
    }
}
