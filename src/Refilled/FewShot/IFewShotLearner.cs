using Refilled.Networks;

namespace Refilled.FewShot;

/// <summary>Anything that can solve a few-shot task.</summary>
/// <remarks>A learner may be asked from several threads at once, and its answer is a function of the task alone.</remarks>
public interface IFewShotLearner
{
    /// <summary>The row's name, such as "protonet".</summary>
    string Name { get; }

    /// <summary>Makes ready what is the same for all tasks over a source. Default: nothing.</summary>
    /// <remarks>Called before any of them, with all of the engine's threads.</remarks>
    void Prepare(FewShotSource source, CancellationToken cancel = default) { }

    /// <summary>Classifies the queries of a task by its support.</summary>
    /// <returns>The class of each query, in 0 … N-1, in the order of <see cref="FewShotTask.Query"/>.</returns>
    int[] Solve(FewShotTask task);
}

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

/// <summary>A learner whose solution of a task is a network, which can be kept.</summary>
internal interface IStudentMaker : IFewShotLearner
{
    /// <summary>The network that solves a task, with the task's classes, in evaluation mode. The caller owns it.</summary>
    /// <param name="task">The task; its queries are not read, and there may be none.</param>
    EmbeddingNetwork MakeStudent(FewShotTask task);
}

/// <summary>An objective whose training makes a learner of few-shot tasks, which chooses the best epoch by validation tasks.</summary>
internal interface ILearnerObjective
{
    /// <summary>A learner by the network and by what the objective trained, as both are when it is asked.</summary>
    /// <remarks>A <see cref="FewShotSource"/> keeps what it read of a network, so that each epoch needs a new source.</remarks>
    IFewShotLearner Learner(EmbeddingNetwork network);
}
