namespace Refilled.Losses;

/// <summary>Where a stage stands; losses whose weight changes over time read it.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Step">The step in the epoch, from 0.</param>
/// <param name="StepsPerEpoch">Steps in one epoch, at least 1.</param>
/// <param name="Epochs">Epochs of the stage, at least 1.</param>
public readonly record struct TrainClock(int Epoch, int Step, int StepsPerEpoch, int Epochs)
{
    /// <summary>The part of the stage that is done, in [0, 1).</summary>
    public double Progress => (Epoch + (double)Step / StepsPerEpoch) / Epochs;
}
