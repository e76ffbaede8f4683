using Refilled.Recipes;

namespace Refilled.FewShot.Adaptation;

/// <summary>How long and how fast a network trains on a support set: by <see cref="Training.Sgd"/>, at a constant learning rate, so that
/// fewer steps are a part of more.</summary>
public sealed record AdaptationStage : IValidated
{
    /// <summary>Updates. Default 100 (Chen et al., "A Closer Look at Few-shot Classification", ICLR 2019).</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Learning rate. Default 0.01 (Chen et al.).</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Nesterov momentum. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay on all parameters that train. Default 0.001 (Chen et al.).</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Most images in a step. A larger support is cut into parts of equal size, each with its share of each class. Default 64
    /// (ours; Chen et al.: 4).</summary>
    public int Batch { get; init; } = 64;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate()
    {
        if (Steps is < 0 or > 100_000) yield return ("steps", $"must be from 0 to 100000, not {Steps}");
        if (!(LearningRate > 0 && double.IsFinite(LearningRate))) yield return ("learning-rate", $"must be positive, not {LearningRate}");
        if (!(Momentum is >= 0 and < 1)) yield return ("momentum", $"must be from 0 to less than 1, not {Momentum}");
        if (!(WeightDecay is >= 0 and < 1)) yield return ("weight-decay", $"must be from 0 to less than 1, not {WeightDecay}");
        if (Batch is < 1 or > 65536) yield return ("batch", $"must be from 1 to 65536, not {Batch}");
    }
}
