using Refilled.Data.Episodes;
using Refilled.Losses;
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

    /// <summary>Whether a loss reads what class an image is of; else unlabelled images can be seen, too.</summary>
    public bool ReadsLabels => Losses.Count == 0 || Losses.Any(loss => loss.ReadsLabels);

    /// <summary>The shape of the few-shot tasks that the stage's batches are; null where its losses read any batch.</summary>
    /// <exception cref="InputException">Its losses don't agree about that.</exception>
    public EpisodeShape? Episode =>
        Disagreement(Losses) is { } why ? throw new InputException($"The stage '{Name}' can't be trained: {why}.")
        : Losses.Count == 0 ? null
        : Losses[0].TaskShape;

    /// <summary>Why the stage can't be trained on mixed images, or null where it can.</summary>
    internal string? MixMisfit => Losses.FirstOrDefault(loss => !loss.TakesMixed) is { } loss
        ? $"the stage '{Name}' can't be trained on mixed images: its loss {loss.Name} compares images by their one class, "
            + "and a mixed image is of two" : null;

    /// <summary>Why losses can't share their batches, or null where they can.</summary>
    internal static string? Disagreement(IReadOnlyList<LossSpec> losses)
    {
        static string Reads(LossSpec loss) => loss.Name + (loss.TaskShape is { } shape
            ? $" reads tasks of {shape.Way} classes with {shape.Shot} shots and {shape.Query} queries"
            : " reads images in no order");
        var other = losses.FirstOrDefault(loss => loss.TaskShape != losses[0].TaskShape);
        return other is null ? null : $"its losses share their batches, but {Reads(losses[0])}, and {Reads(other)}";
    }

    /// <summary>The settings of this stage, given those of the two stages of a recipe.</summary>
    public StageSettings Settings(StageSettings stage1, StageSettings stage2) => Length switch
    {
        StageLength.First => stage1,
        StageLength.Second => stage2,
        StageLength.Total => stage2 with { Epochs = stage1.Epochs + stage2.Epochs },
        _ => throw new InvalidOperationException($"No such length: {Length}."),
    };
}

/// <summary>Whose epochs a stage takes from a recipe.</summary>
public enum StageLength
{
    /// <summary>The first stage's.</summary>
    First,

    /// <summary>The second stage's.</summary>
    Second,

    /// <summary>The sum of both, with the second stage's schedule: equal total training for a method without a first stage.</summary>
    Total,
}
