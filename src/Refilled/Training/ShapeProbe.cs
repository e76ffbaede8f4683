using Refilled.Data;
using Refilled.Losses;
using Refilled.Losses.Features;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Training;

/// <summary>Finds the shapes that objectives are bound to.</summary>
/// <remarks>Feature maps are not announced, so that they are looked at: one training image, in the evaluation view, passes through
/// the student and the teacher, only where a method reads maps.</remarks>
internal static class ShapeProbe
{
    /// <summary>The shapes of a task's student and teacher. The student's mode and statistics stay as they are.</summary>
    public static SignalShapes Observe(TrainingTask task)
    {
        var images = task.Train.Labels.ToLookup(label => label);
        var shapes = new SignalShapes(task.Student.Classes, task.Student.EmbeddingSize, task.Teacher?.EmbeddingSize ?? 0)
        {
            ClassImages = [.. Enumerable.Range(0, task.Student.Classes).Select(c => images[c].Count())],
        };
        var ofStudent = task.Method.StudentNeeds.HasFlag(Needs.FeatureMaps);
        var ofTeacher = task.Method.TeacherNeeds.HasFlag(Needs.FeatureMaps);
        if (!ofStudent && !ofTeacher) return shapes;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var batch = BatchStream.Evaluation(task.Train.At([0])).Epoch(0).Single();
        var training = task.Student.training;
        task.Student.eval();
        try
        {
            return shapes with
            {
                StudentMaps = ofStudent ? Shapes(task.Student.Observe(batch.Images, Needs.FeatureMaps)) : [],
                TeacherMaps = ofTeacher ? Shapes(task.Teacher!.Observe(batch, Needs.FeatureMaps)) : [],
            };
        }
        finally
        {
            task.Student.train(training);
        }
    }

    private static List<FeatureShape> Shapes(Signals signals) =>
        [.. signals.FeatureMaps.Select(map => new FeatureShape((int)map.shape[1], (int)map.shape[2], (int)map.shape[3]))];
}
