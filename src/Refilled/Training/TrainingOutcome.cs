using Refilled.Losses;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>How training ended. The student itself holds the weights of the last epoch.</summary>
/// <param name="Selected">The weights of the selected epoch of the last stage, by name.</param>
/// <param name="SelectedEpoch">That epoch, from 0.</param>
/// <param name="Score">Its selection measure (0–1), or null where nothing was held out.</param>
/// <param name="Seconds">Training time, over all resumes.</param>
public sealed record TrainingOutcome(IReadOnlyDictionary<string, Tensor> Selected, int SelectedEpoch, double? Score, double Seconds)
{
    /// <summary>What the last stage trained beside the network and is kept, as it was at that epoch, such as FEAT's adapter; null where
    /// there is none. The caller disposes it.</summary>
    public Objective? Adapter { get; init; }
}
