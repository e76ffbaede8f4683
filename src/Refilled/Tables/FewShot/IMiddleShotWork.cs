using Refilled.Experiments;
using Refilled.Experiments.FewShot;

namespace Refilled.Tables.FewShot;

/// <summary>Does what a table of few-shot learners consists of.</summary>
public interface IMiddleShotWork
{
    /// <summary>Looks at everything that can be wrong, before anything is trained or measured.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="waiting">What is to be done.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">Something can't be used; the message holds everything that was found.</exception>
    void Check(MiddleShotPlan plan, MiddleShotWaiting waiting, CancellationToken cancel);

    /// <summary>Trains a network to its end.</summary>
    /// <param name="job">What to train.</param>
    /// <param name="cancel">Stops it at the next step, so that it can be resumed.</param>
    /// <exception cref="OperationCanceledException">It was stopped and can be resumed.</exception>
    RunResult Train(NetworkJob job, CancellationToken cancel);

    /// <summary>Measures a cell.</summary>
    /// <param name="cell">Which one.</param>
    /// <param name="recipe">What is measured, with the places of its networks.</param>
    /// <param name="cancel">Stops it; it begins anew then.</param>
    FewShotRunResult Measure(MiddleShotCell cell, FewShotRecipe recipe, CancellationToken cancel);
}
