using Refilled.Data;
using Refilled.Data.Episodes;
using Refilled.FewShot.Learners;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Training;

namespace Refilled.FewShot;

/// <summary>Few-shot tasks that choose the best epoch; the same ones at every epoch.</summary>
/// <param name="Set">Images of classes that are not trained on.</param>
/// <param name="Shape">The size of a task.</param>
public sealed record ValidationTasks(ImageSet Set, EpisodeShape Shape) : IEpochScore
{
    /// <summary>Number of tasks, T, at least 2. Default 200.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Decides which tasks. Apart from the run's seed, so that runs are selected by the same tasks.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public string Description => $"{Count} validation tasks of {Set.Classes} other classes";

    /// <summary>Mean accuracy over the tasks, solved by what the stage trains for it, or else by the nearest class mean.</summary>
    /// <inheritdoc/>
    public double Score(EmbeddingNetwork student, IReadOnlyList<Objective> objectives, CancellationToken cancel = default) =>
        Score(objectives.OfType<ILearnerObjective>().FirstOrDefault()?.Learner(student) ?? new PrototypeLearner(student), cancel);

    /// <summary>Mean accuracy of a learner over the tasks, in [0, 1].</summary>
    public double Score(IFewShotLearner learner, CancellationToken cancel = default)
    {
        // A new source each time: it keeps what it read of the network, which has changed since.
        using var source = new FewShotSource(Set);
        return FewShotEvaluator.Evaluate(learner, new FewShotTasks(source, Shape, Seed, Count), cancel: cancel).Mean;
    }
}
