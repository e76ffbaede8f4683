using Refilled.Data;
using Refilled.Data.Episodes;

namespace Refilled.Training;

/// <summary>Few-shot tasks that choose the best epoch; the same ones at every epoch.</summary>
/// <param name="Set">Images of classes that are not trained on.</param>
/// <param name="Shape">The size of a task.</param>
public sealed record ValidationTasks(ImageSet Set, EpisodeShape Shape)
{
    /// <summary>Number of tasks, T, at least 2. Default 200.</summary>
    public int Count { get; init; } = 200;

    /// <summary>Decides which tasks. Apart from the run's seed, so that runs are selected by the same tasks.</summary>
    public long Seed { get; init; }
}
