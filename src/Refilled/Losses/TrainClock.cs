namespace Refilled.Losses;

/// <summary>Where a stage stands; losses whose weight changes over time read it. The default is the start of one step.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Step">The step in the epoch, from 0.</param>
/// <param name="StepsPerEpoch">Steps in one epoch; counts as 1 below that.</param>
/// <param name="Epochs">Epochs of the stage; counts as 1 below that.</param>
public readonly record struct TrainClock(int Epoch, int Step, int StepsPerEpoch, int Epochs)
{
    // Stored less 1, so that a clock that nobody set, whose fields are 0, has one step and one epoch: both are divided by.
    private readonly int furtherSteps = Further(StepsPerEpoch), furtherEpochs = Further(Epochs);

    /// <summary>Steps in one epoch, at least 1.</summary>
    public int StepsPerEpoch
    {
        get => furtherSteps + 1;
        init => furtherSteps = Further(value);
    }

    /// <summary>Epochs of the stage, at least 1.</summary>
    public int Epochs
    {
        get => furtherEpochs + 1;
        init => furtherEpochs = Further(value);
    }

    /// <summary>The part of the stage that is done, in [0, 1).</summary>
    public double Progress => (Epoch + (double)Step / StepsPerEpoch) / Epochs;

    private static int Further(int count) => Math.Max(1, count) - 1;
}
