namespace Refilled.Training;

/// <summary>Where a run stands: the next step to do, and what has been chosen so far.</summary>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Epoch">The epoch in it, from 0; equal to the stage's epochs when it is done.</param>
/// <param name="Step">The next step in the epoch, from 0.</param>
/// <param name="BestScore">Selection measure of the best epoch of this stage so far, or null before the first.</param>
/// <param name="BestEpoch">That epoch.</param>
/// <param name="Seconds">Training time so far, over all resumes.</param>
/// <param name="MetricsLength">Bytes of metrics.jsonl that belong to this position.</param>
internal sealed record CheckpointState(int Stage, int Epoch, int Step, double? BestScore, int BestEpoch, double Seconds, long MetricsLength);
