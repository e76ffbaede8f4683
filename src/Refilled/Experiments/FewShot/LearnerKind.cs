using Refilled.FewShot;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Experiments.FewShot;

/// <summary>A learner of the catalogue: what it needs, and how it is made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Make">Makes it of its parts; what has to be chosen is chosen here, which may take a while. The caller disposes it, where it
/// can be disposed of.</param>
internal sealed record LearnerKind(string Name, Func<LearnerParts, IFewShotLearner> Make)
{
    /// <summary>Whether it reads a teacher.</summary>
    public bool ReadsTeacher { get; init; }

    /// <summary>The loss whose adapter it needs beside the network, by name; null where it needs none.</summary>
    public string? Adapter { get; init; }

    /// <summary>Whether its solution of a task is a network; see <see cref="IStudentMaker"/>.</summary>
    public bool MakesStudents { get; init; }

    /// <summary>Whether it computes in fp32 alone; "auto" is fp32 then.</summary>
    public bool ComputesInFp32 { get; init; }

    /// <summary>Why it can't solve tasks of a number of classes, as the end of a sentence; null where it can.</summary>
    public Func<LearnerParts, int, string?> Misfit { get; init; } = (_, _) => null;

    /// <summary>The path of the option that a recipe leaves to be chosen on validation tasks; null where it leaves none.</summary>
    public Func<FewShotRecipe, string?> Choice { get; init; } = _ => null;

    /// <summary>The first recipe with the learner's own options from the second.</summary>
    public Func<FewShotRecipe, FewShotRecipe, FewShotRecipe> WithOptions { get; init; } = (blank, _) => blank;
}

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
