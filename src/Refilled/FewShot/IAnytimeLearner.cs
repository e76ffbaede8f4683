namespace Refilled.FewShot;

/// <summary>A learner that takes steps on a task's support, and can be asked on the way.</summary>
public interface IAnytimeLearner : IFewShotLearner
{
    /// <summary>Steps after which <see cref="IFewShotLearner.Solve"/> answers.</summary>
    int Steps { get; }

    /// <summary>The answers after several numbers of steps, from one run as long as the largest.</summary>
    /// <param name="task">The task.</param>
    /// <param name="steps">Each at least 0; of a learner with several stages, steps of the last.</param>
    /// <returns>For each number what <see cref="IFewShotLearner.Solve"/> would return if the learner took so many steps.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    IReadOnlyDictionary<int, int[]> SolveAt(FewShotTask task, IReadOnlyList<int> steps);
}
