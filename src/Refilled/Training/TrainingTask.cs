using Refilled.Data;
using Refilled.Networks;
using Refilled.Teachers;

namespace Refilled.Training;

/// <summary>All that a <see cref="Trainer"/> is given: who learns what from whom.</summary>
/// <param name="Student">The student, with its initial weights, on the device that it trains on.</param>
/// <param name="Teacher">The teacher, or null where the method reads none.</param>
/// <param name="Method">What is done.</param>
/// <param name="Train">The training images, hold-out excluded.</param>
/// <param name="HeldOut">The images that the best epoch is chosen on; may be empty, and then the last epoch is chosen.</param>
public sealed record TrainingTask(EmbeddingNetwork Student, ITeacher? Teacher, Method Method, ImageSet Train, ImageSet HeldOut)
{
    /// <summary>What chooses the best epoch where a stage's <see cref="Stage.Selection"/> says so; null where none does.</summary>
    public IEpochScore? Validation { get; init; }

    /// <summary>Images without labels, which stages whose losses read none see beside the training images; null where there are
    /// none.</summary>
    /// <remarks>An epoch of such a stage shows each of either once, in batches of their own.</remarks>
    internal UnlabelledTask? Unlabelled { get; init; }

    /// <summary>Settings of the first stage.</summary>
    public StageSettings Stage1 { get; init; } = new();

    /// <summary>Settings of the second stage.</summary>
    public StageSettings Stage2 { get; init; } = new();

    /// <summary>Images in a step, except in stages of few-shot tasks, where a step is a task. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Batches whose gradients are averaged before an update, n. Default 1.</summary>
    /// <remarks>Of few-shot tasks they make a meta-batch. Losses that compare images see one batch at a time, so this is not the
    /// same as a batch n times as large.</remarks>
    public int Accumulate { get; init; } = 1;

    /// <summary>Views of each image; epoch e uses view e mod Views. 0 makes a fresh view each epoch. Default 8.</summary>
    /// <remarks>Few-shot tasks have fresh views always.</remarks>
    public int Views { get; init; } = 8;

    /// <summary>Batches that are drawn ahead in the background; 0 draws each when it is asked for. Default 4.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Whether the teacher is asked about the next epoch's view while the student trains. Default false.</summary>
    /// <remarks>The teacher must say <see cref="ITeacher.AnswersBeside"/>. The results are the same.</remarks>
    internal bool FillsAhead { get; init; }

    /// <summary>Seed of the views, apart from the run's so that seeds and methods share a teacher's answers.</summary>
    public long ViewSeed { get; init; }

    /// <summary>Seed of the run: order of the images, fresh classifiers.</summary>
    public int Seed { get; init; }

    /// <summary>Steps between checkpoints within an epoch; each epoch's end has one anyway. Default 500.</summary>
    public int CheckpointSteps { get; init; } = 500;

    /// <summary>Epochs of all stages together.</summary>
    public int TotalEpochs => Method.Stages.Sum(stage => stage.Settings(Stage1, Stage2).Epochs);

    /// <summary>The unlabelled images that a stage sees; null where it reads labels, or there are none.</summary>
    internal UnlabelledTask? UnlabelledOf(Stage stage) => stage.ReadsLabels ? null : Unlabelled;
}

/// <summary>Images without labels, and who answers for them.</summary>
/// <param name="Images">The images.</param>
/// <param name="Teacher">The teacher, or null where the method reads none.</param>
internal sealed record UnlabelledTask(ImageSet Images, ITeacher? Teacher);
