using System.Diagnostics;
using Refilled.Data;
using Refilled.Evaluation;
using Refilled.Weights;

namespace Refilled.Training;

/// <summary>Classifies by a teacher's embedding as it is: nothing is trained but the classifier, which is fitted at once.</summary>
internal static class TeacherReuse
{
    /// <summary>Fits the method's classifier on the training images and measures it on the test images.</summary>
    /// <remarks>Writes the network where the classifier can stand in one.</remarks>
    /// <param name="task">The task; its student is the teacher's network.</param>
    /// <param name="test">The test images.</param>
    /// <param name="folder">Where the chosen options and the network go.</param>
    /// <param name="cancel">Stops it.</param>
    public static (EvaluationResult Measured, double Seconds) Run(
        TrainingTask task, ImageSet test, RunFolder folder, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var classifier = task.Method.Classifier!;
        folder.TruncateMetrics(0);
        using var seen = NetworkReader.Read(task.Student, task.Train, cancel);
        using var heldOut = NetworkReader.Read(task.Student, task.HeldOut, cancel);
        using var fitted = classifier.Fit(seen, heldOut, task.Train.Classes, cancel);
        var seconds = watch.Elapsed.TotalSeconds;

        if (fitted.Linear is { } linear)
        {
            task.Student.SetClassifier(linear.Weight, linear.Bias);
            foreach (var file in new[] { folder.LastNetworkFile, folder.NetworkFile })
                NetworkFile.Save(file, new TrainedNetwork(task.Student, task.Train.ClassNames));
        }
        using var tested = NetworkReader.Read(task.Student, test, cancel);
        using var scores = fitted.Scores(tested.Embeddings, cancel);
        folder.AppendMetrics(new { stage = classifier.Name, chosen = fitted.Chosen, seconds = Math.Round(seconds, 3) });
        return (Evaluator.Of(seen, tested, scores, cancel), seconds);
    }
}
