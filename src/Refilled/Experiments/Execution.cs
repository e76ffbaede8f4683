using Refilled.Evaluation;
using Refilled.Networks;
using Refilled.Training;
using Refilled.Weights;

namespace Refilled.Experiments;

/// <summary>Does what an experiment is for: trains, writes the networks, and reads the test images once.</summary>
internal static class Execution
{
    /// <summary>Trains, or fits what stands in place of training, then measures and writes the networks.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="images">Images for the end.</param>
    /// <param name="data">Name of the data.</param>
    /// <param name="folder">Where everything goes.</param>
    /// <param name="progress">Told of each step; may be null.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="TrainingException">It has diverged; the last checkpoint is good, and no network is written that isn't.</exception>
    public static Scores Run(TrainingTask task, RunImages images, string data, RunFolder folder, IProgress<TrainProgress>? progress,
        CancellationToken cancel)
    {
        try
        {
            return Trained(task, images, data, folder, progress, cancel);
        }
        catch (NotFiniteNumberException e)
        {
            throw new TrainingException($"{e.Message.TrimEnd('.')}; {folder.LastGood}.", e);
        }
    }

    /// <summary>Trains, and writes the network of the last epoch; neither test nor held-out images are read.</summary>
    /// <inheritdoc cref="Run"/>
    public static void Train(TrainingTask task, RunFolder folder, IProgress<TrainProgress>? progress, CancellationToken cancel)
    {
        try
        {
            new Trainer(task with { HeldOut = task.HeldOut.At([]) }, folder, progress).Run(cancel).Dispose();
            CompleteClassifier(task, cancel);
            NetworkFile.Save(folder.NetworkFile, new TrainedNetwork(task.Student, task.Train.ClassNames));
        }
        catch (NotFiniteNumberException e)
        {
            throw new TrainingException($"{e.Message.TrimEnd('.')}; {folder.LastGood}.", e);
        }
    }

    private static Scores Trained(TrainingTask task, RunImages images, string data, RunFolder folder, IProgress<TrainProgress>? progress,
        CancellationToken cancel)
    {
        if (task.Method.Classifier is not null)
        {
            var (measured, seconds) = TeacherReuse.Run(task, images.Test, folder, cancel);
            // The nearest neighbour is no network.
            if (File.Exists(folder.NetworkFile))
            {
                using var read = NetworkReader.Read(task.Student, images.Test, cancel);
                NetworkCalibration.Make(task.Student, images, read, data, folder.NetworkFile, cancel);
            }
            return new Scores(measured, measured.Right, null, seconds);
        }
        using var outcome = new Trainer(task, folder, progress).Run(cancel);
        CompleteClassifier(task, cancel);
        var last = Evaluator.Evaluate(task.Student, task.Train, images.Test, cancel);
        NetworkFile.Save(folder.LastNetworkFile, new TrainedNetwork(task.Student, task.Train.ClassNames));
        outcome.GiveTo(task.Student);
        CompleteClassifier(task, cancel);
        if (outcome.Adapter is { } adapter) AdapterFile.Save(folder.AdapterFile, adapter);
        using var tested = NetworkReader.Read(task.Student, images.Test, cancel);
        NetworkFile.Save(folder.NetworkFile, new TrainedNetwork(task.Student, task.Train.ClassNames));
        NetworkCalibration.Make(task.Student, images, tested, data, folder.NetworkFile, cancel);
        var byTasks = task.Method.Stages[^1].Selection == SelectionMeasure.Episodes;
        return new Scores(last, TopK.Right(tested.Logits, tested.Labels), byTasks ? outcome.Score : null, outcome.Seconds);
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
