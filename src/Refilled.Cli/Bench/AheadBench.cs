using System.Diagnostics;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using Refilled.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Cli.Bench;

/// <summary>Whether asking the built-in ONNX teacher about the next view pays while the student trains on this one.</summary>
internal sealed class AheadBench : IDisposable
{
    /// <summary>Batches of an epoch.</summary>
    private const int Batches = 2;

    private readonly Teacher opened;
    private readonly CachedTeacher teacher;
    private readonly EmbeddingNetwork student;
    private readonly StageRun run;
    private readonly int images;
    private int view;

    /// <param name="options">The student, its batch and precision, the views' size and the device.</param>
    /// <exception cref="InputException">The teacher's files aren't there.</exception>
    public AheadBench(StepBenchOptions options)
    {
        ITeacherFormat[] formats = [new ImageNetTeacherFormat()];
        var (where, precision) = (device(options.Device), options.Precisions[0]);
        opened = Teacher.Open(
            Teacher.Find(ImageNetTeacherFormat.Name, formats: formats), new TeacherOptions(where, precision), formats);
        var set = MadeUpSet.Create(images = Batches * options.Batch, options.Classes, options.ImageSize);
        teacher = new CachedTeacher(opened.Teach(), set, new CacheOptions
            { DataHash = "made up", Views = 1, Device = where, LeavesTeacher = true });
        student = NetworkCatalog.Create(options.Student, new NetworkOptions(options.Classes)
            { Precision = precision, Input = InputSpec.Square(options.ImageSize, ChannelStatistics.Cifar100) });
        student.to(where);
        student.train();
        run = new StageRun(new TrainingTask(student, teacher, Methods.Refilled(new()), set, set.At([]))
            { BatchSize = options.Batch, Views = int.MaxValue }, 0);
        run.Start();
    }

    /// <summary>Measures epochs of stage 1 in which the teacher is asked about a new view, before the steps and beside them.</summary>
    /// <param name="rounds">Epochs of each kind.</param>
    /// <param name="progress">Told what is measured now; may be null.</param>
    /// <param name="cancel">Stops between two epochs.</param>
    public AheadTiming Run(int rounds, IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        progress?.Report("teachers: the next view ahead");
        var times = new List<(double Asking, double Training, double Ahead)>();
        for (var round = -1; round < rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            var asking = Seconds(() => teacher.Prepare(++view, Needs.Embedding));
            var training = Seconds(Train);
            var ahead = Seconds(() =>
            {
                using var next = new ViewsAhead();
                next.Begin((_, stop) => teacher.Prepare(view + 1, Needs.Embedding, null, stop));
                Train();
                next.Finish((_, _, _) => { }, cancel);
            });
            view++;
            if (round >= 0) times.Add((asking, training, ahead));
        }
        double Median(Func<(double Asking, double Training, double Ahead), double> of) => Statistics.Median([.. times.Select(of)]);
        return new AheadTiming(images, Median(one => one.Asking), Median(one => one.Training), Median(one => one.Ahead),
            Median(one => one.Ahead / (one.Asking + one.Training)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Dispose();
        student.Dispose();
        teacher.Dispose();
        opened.Dispose();
    }

    private static double Seconds(Action what)
    {
        var start = Stopwatch.GetTimestamp();
        what();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>An epoch on the view that is there.</summary>
    private void Train()
    {
        foreach (var (step, batch) in run.Stream.Epoch(view).Index())
            using (batch) run.Step(batch, new(view, step, run.Stream.StepsPerEpoch, int.MaxValue));
        if (student.Device is { type: DeviceType.CUDA } gpu) cuda.synchronize(gpu);
    }
}
