using System.Diagnostics;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Losses;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using TorchSharp;

namespace Refilled.Fitting;

/// <summary>What a step of training and a look of the teacher take on this machine.</summary>
internal static class FitTimes
{
    /// <summary>Images that the teacher looks at for its time.</summary>
    private const int Looked = 16;

    /// <summary>Seconds that the teacher looks at an image.</summary>
    public static double LookSeconds(Teacher teacher, ImageSet images)
    {
        var some = images.At([.. Enumerable.Range(0, Looked).Select(i => i % images.Count)]);
        using var batch = BatchStream.Evaluation(some).Epoch(0).First();
        void Look() => teacher.Teach().Observe(batch, Needs.Embedding).Embedding.Dispose();
        Look();
        var start = Stopwatch.GetTimestamp();
        Look();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Looked;
    }

    /// <summary>Seconds of a training step, the median of some.</summary>
    public static double StepSeconds(Recipe recipe, Dataset data, CancellationToken cancel)
    {
        using var experiment = Experiment.Prepare(recipe with
        {
            Method = "student", Teacher = null, Unlabelled = null, Start = null, Views = 0, HoldOut = 0,
            Stage1 = recipe.Stage1 with { Views = null },
        }, data, [], cancel);
        using var run = new StageRun(experiment.Task, 0);
        run.Start(cancel);
        experiment.Task.Student.train();
        var (times, total) = (new List<double>(), Stopwatch.StartNew());
        for (var epoch = 0; times.Count < 3 || (times.Count < 12 && total.Elapsed.TotalSeconds < 4); epoch++)
            foreach (var (step, drawn) in run.Stream.Epoch(epoch).Index())
                using (drawn)
                {
                    var start = Stopwatch.GetTimestamp();
                    run.Step(drawn, new TrainClock(0, step, run.Stream.StepsPerEpoch, 1));
                    if (experiment.Task.Student.Device is { type: DeviceType.CUDA } gpu) torch.cuda.synchronize(gpu);
                    times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    if (times.Count >= 12) break;
                }
        return times.Skip(1).Order().ElementAt((times.Count - 1) / 2);
    }
}
