namespace Refilled.Training;

/// <summary>Where training stands, at a log point or the end of an epoch.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Epochs of the stage.</param>
/// <param name="Step">Steps done in the epoch.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="Means">Mean of each loss, "loss" (their weighted sum) and, where there are logits, "accuracy" (0–1) over the epoch so far.</param>
/// <param name="ImagesPerSecond">Images trained per second since the stage began or was resumed.</param>
/// <param name="Remaining">Time left in all stages, by that speed.</param>
/// <param name="HeldOut">At the end of an epoch: the selection measure (0–1), on held-out images or by validation tasks, where there are any.</param>
/// <param name="EpochDone">Whether the epoch ended.</param>
public sealed record TrainProgress(string Stage, int Epoch, int Epochs, int Step, int StepsPerEpoch, IReadOnlyDictionary<string, double> Means,
    double ImagesPerSecond, TimeSpan Remaining, double? HeldOut, bool EpochDone)
{
    /// <summary>Which measure <see cref="HeldOut"/> is.</summary>
    public SelectionMeasure Selection { get; init; }
}
