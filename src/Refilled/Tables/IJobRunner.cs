using Refilled.Experiments;
using Refilled.Experiments.FewShot;

namespace Refilled.Tables;

/// <summary>Does one job of a table, as a process of its own or otherwise.</summary>
internal interface IJobRunner
{
    /// <summary>Does the job to its end.</summary>
    /// <param name="start">What to do.</param>
    /// <param name="cancel">Stops it, training at its next step, so that it can be resumed.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    Task<JobOutcome> RunAsync(JobStart start, CancellationToken cancel);
}

/// <summary>A job with all that it needs in place.</summary>
/// <param name="Threads">Threads that it takes; 0 means all.</param>
internal abstract record JobStart(int Threads);

/// <summary>A network to be trained.</summary>
/// <param name="Job">The job.</param>
/// <param name="Recipe">How, with the places of teacher, start and caches, and its threads.</param>
/// <param name="Folder">The run folder.</param>
/// <param name="Resume">Whether it was begun before, and goes on.</param>
internal sealed record TrainStart(TrainJob Job, Recipe Recipe, string Folder, bool Resume) : JobStart(Recipe.Threads);

/// <summary>A learner to be measured.</summary>
/// <param name="Job">The job.</param>
/// <param name="Recipe">What, with the places of its networks.</param>
internal sealed record MeasureStart(MeasureJob Job, FewShotRecipe Recipe) : JobStart(Recipe.Threads);

/// <summary>How a job ended.</summary>
/// <param name="Measured">What was measured; null of training, whose result is in its run folder.</param>
/// <param name="Failure">Why it failed; null where it didn't.</param>
internal sealed record JobOutcome(FewShotRunResult? Measured, string? Failure)
{
    /// <summary>It is trained.</summary>
    public static JobOutcome Trained { get; } = new(null, null);
}
