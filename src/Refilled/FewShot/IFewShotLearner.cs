namespace Refilled.FewShot;

/// <summary>Anything that can solve a few-shot task. A learner may be asked from several threads at once, and its answer is a
/// function of the task alone.</summary>
public interface IFewShotLearner
{
    /// <summary>The row's name, such as "protonet".</summary>
    string Name { get; }

    /// <summary>Makes ready what is the same for all tasks over a source, before any of them, with all of the engine's threads.
    /// Default: nothing.</summary>
    void Prepare(FewShotSource source) { }

    /// <summary>Classifies the queries of a task by its support.</summary>
    /// <returns>The class of each query, in 0 … N-1, in the order of <see cref="FewShotTask.Query"/>.</returns>
    int[] Solve(FewShotTask task);
}
