using Refilled.Distillation;
using Refilled.Networks;

namespace Refilled.Training;

/// <summary>What is minimised, for how long, and how the best epoch is chosen.</summary>
/// <param name="Name">The stage's name in metrics: "embedding" or "classifier".</param>
/// <param name="Losses">The losses whose weighted means are summed.</param>
/// <param name="Length">Whose epochs and learning rate it takes from a recipe.</param>
/// <param name="Selection">How the best epoch is chosen.</param>
public sealed record Stage(string Name, IReadOnlyList<LossSpec> Losses, StageLength Length, SelectionMeasure Selection)
{
    /// <summary>What the student's pass must give.</summary>
    public Needs StudentNeeds => Losses.Aggregate(Needs.None, (needs, loss) => needs | loss.StudentNeeds);

    /// <summary>What the teacher's pass must give; <see cref="Needs.None"/> where the stage has no teacher.</summary>
    public Needs TeacherNeeds => Losses.Aggregate(Needs.None, (needs, loss) => needs | loss.TeacherNeeds);

    /// <summary>The settings of this stage, given those of the two stages of a recipe.</summary>
    public StageSettings Settings(StageSettings stage1, StageSettings stage2) => Length switch
    {
        StageLength.First => stage1,
        StageLength.Second => stage2,
        StageLength.Total => stage2 with { Epochs = stage1.Epochs + stage2.Epochs },
        _ => throw new InvalidOperationException($"No such length: {Length}."),
    };
}
