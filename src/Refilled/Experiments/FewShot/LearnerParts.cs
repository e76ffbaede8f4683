using Refilled.FewShot;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Experiments.FewShot;

/// <summary>What a learner of the catalogue is made of.</summary>
/// <param name="Recipe">Its options.</param>
/// <param name="Network">The network that it embeds with, or starts from.</param>
internal sealed record LearnerParts(FewShotRecipe Recipe, EmbeddingNetwork Network)
{
    /// <summary>The teacher, where it reads one.</summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>What was trained beside the network, where it needs that.</summary>
    public Objective? Adapter { get; init; }

    /// <summary>Tasks to choose on, where it chooses something.</summary>
    public FewShotTasks? Validation { get; init; }

    /// <summary>Takes what was chosen, by its name.</summary>
    public Action<string, double> Chosen { get; init; } = (_, _) => { };

    /// <summary>Stops the choosing.</summary>
    public CancellationToken Cancel { get; init; }
}
