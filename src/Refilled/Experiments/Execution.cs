using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Experiments;

/// <summary>Does what an experiment is for: trains, writes the networks, and reads the test images once.</summary>
internal static class Execution
{
    /// <summary>Trains, or fits what stands in place of training, then measures and writes the networks.</summary>
    /// <exception cref="TrainingException">It has diverged; the last checkpoint is good, and no network is written that isn't.</exception>
    public static Scores Run(
        TrainingTask task, ImageSet test, RunFolder folder, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        try
        {
            return Trained(task, test, folder, progress, cancel);
        }
        catch (NotFiniteNumberException e)
        {
            throw new TrainingException($"{e.Message.TrimEnd('.')}; {folder.LastGood}.", e);
        }
    }

    private static Scores Trained(
        TrainingTask task, ImageSet test, RunFolder folder, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        if (task.Method.Classifier is not null)
        {
            var (measured, seconds) = TeacherReuse.Run(task, test, folder, cancel);
            return new Scores(measured, measured.Right, null, seconds);
        }
        var outcome = new Trainer(task, folder, progress).Run(cancel);
        using var adapter = outcome.Adapter;
        CompleteClassifier(task, cancel);
        var last = Evaluator.Evaluate(task.Student, task.Train, test, cancel);
        NetworkFile.Save(folder.LastNetworkFile, new TrainedNetwork(task.Student, task.Train.ClassNames));
        outcome.GiveTo(task.Student);
        CompleteClassifier(task, cancel);
        if (adapter is not null) AdapterFile.Save(folder.AdapterFile, adapter);
        var selected = Evaluator.Right(task.Student, test, cancel);
        NetworkFile.Save(folder.NetworkFile, new TrainedNetwork(task.Student, task.Train.ClassNames));
        var byTasks = task.Method.Stages[^1].Selection == SelectionMeasure.Episodes;
        return new Scores(last, selected, byTasks ? outcome.Score : null, outcome.Seconds);
    }

    /// <summary>Gives the student the class means where no stage trained its classifier.</summary>
    private static void CompleteClassifier(TrainingTask task, CancellationToken cancel)
    {
        if (!task.Method.Stages[^1].StudentNeeds.HasFlag(Needs.Logits)) MeanClassifier.Give(task.Student, task.Train, cancel);
    }
}

/// <summary>What a run's networks make of the test images.</summary>
/// <param name="Last">How the last epoch's does.</param>
/// <param name="RightSelected">Of each image whether the selected epoch's is right.</param>
/// <param name="Validation">Mean accuracy over validation tasks at the selected epoch, in [0, 1]; null where there are none.</param>
/// <param name="Seconds">Training time, over all resumes.</param>
internal sealed record Scores(EvaluationResult Last, IReadOnlyList<bool> RightSelected, double? Validation, double Seconds);
