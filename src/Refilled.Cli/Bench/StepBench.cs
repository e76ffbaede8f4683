using System.Diagnostics;
using Refilled.Data;
using Refilled.Experiments;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Cli.Bench;

/// <summary>Times whole training steps, from waiting for the batch to the update, beside the floor: the bare student's forward
/// and backward pass over a batch that lies ready. One process, A B A B; medians.</summary>
public sealed class StepBench(StepBenchOptions options)
{
    /// <summary>Rounds that nothing is measured in.</summary>
    private const int WarmUp = 3;

    /// <summary>And seconds, on a GPU: its steps wait for our code, until the runtime has compiled anew what is called often.</summary>
    private const double GpuWarmUpSeconds = 5;

    /// <summary>Fewest rounds, whatever they take.</summary>
    private const int FewestRounds = 5;

    /// <summary>The steps of the first precision and layout, and of the others those without a teacher.</summary>
    /// <param name="progress">Told what is measured now; may be null.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    public IReadOnlyList<StepTiming> Run(IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        var set = MadeUpSet.Create(16 * options.Batch, options.Classes, options.ImageSize);
        var timings = new List<StepTiming>();
        foreach (var precision in options.Precisions)
        {
            foreach (var layout in options.Layouts)
            {
                progress?.Report($"steps in {Word(precision)}, {Word(layout)}");
                timings.AddRange(Time(set, precision, layout, timings.Count == 0, cancel));
            }
        }
        return timings;
    }

    /// <summary>Steps of the first stage at growing batch sizes, in the first of the precisions and layouts.</summary>
    public IReadOnlyList<ScalingTiming> RunScaling(IReadOnlyList<int> batches, IProgress<string>? progress = null,
        CancellationToken cancel = default)
    {
        progress?.Report($"steps of {string.Join(", ", batches)} images");
        var (precision, layout) = (options.Precisions[0], options.Layouts[0]);
        var set = MadeUpSet.Create(4 * batches.Max(), options.Classes, options.ImageSize);
        using var cached = Cached(set, precision, layout, cancel);
        var contenders = batches.Select(batch =>
            Stage(set, precision, layout, "stage1", "cached", cached, Methods.Refilled(new()), 0, batch)).ToList();
        var times = Race(contenders, options.Rounds, cancel).Select(Statistics.Median).ToList();
        return [.. batches.Select((batch, i) =>
            new ScalingTiming(batch, times[i], i == 0 ? null : Math.Log(times[i] / times[0]) / Math.Log((double)batch / batches[0])))];
    }

    /// <summary>Whole epochs of both stages, plain and fast in turn.</summary>
    /// <param name="pairs">How often.</param>
    /// <param name="progress">Told what is measured now; may be null.</param>
    /// <param name="cancel">Stops between two epochs.</param>
    public IReadOnlyList<EpochTiming> RunEpochs(int pairs, IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        var set = MadeUpSet.Create(8 * options.Batch, options.Classes, options.ImageSize);
        var (precision, layout) = (options.Precisions[0], options.Layouts[0]);
        var timings = new List<EpochTiming>();
        foreach (var (what, stage) in new[] { ("stage1", 0), ("stage2", 1) })
        {
            progress?.Report($"epochs of {what}");
            using var live = new NetworkTeacher(Network(options.Teacher, Precision.Fp32, Layout.Nchw), set.ClassNames);
            var fill = Stopwatch.StartNew();
            using var cached = Cached(set, precision, layout, cancel);
            fill.Stop();
            Contender Epoch(Precision p, Layout l, string kind, ITeacher teacher, int prefetch)
            {
                var student = Network(options.Student, p, l);
                var steps = new StageSteps(new TrainingTask(student, teacher, Methods.Refilled(new()), set, set.At([]))
                    { BatchSize = options.Batch, Views = 1, Prefetch = prefetch }, stage);
                return new Contender(what, kind, () => { for (var i = 0; i < steps.PerEpoch; i++) steps.Step(); Wait(student); },
                    () => { steps.Dispose(); student.Dispose(); });
            }
            var times = Race([Epoch(Precision.Fp32, Layout.Nchw, "live", live, 0),
                Epoch(precision, layout, "cached", cached, new BatchStreamOptions().Prefetch)], pairs, cancel, warmUp: 1);
            timings.Add(new EpochTiming(what, set.Count, Statistics.Median(times[0]) / 1000, Statistics.Median(times[1]) / 1000,
                Statistics.Median([.. times[0].Zip(times[1], (plain, fast) => plain / fast)]), fill.Elapsed.TotalSeconds));
        }
        return timings;
    }

    /// <summary>Steps of ours and of PyTorch's in turns, teacher live, in the first precision and channels-last.</summary>
    /// <param name="python">The Python to ask; null looks for one.</param>
    /// <param name="threads">Threads within an operation, of both.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    /// <exception cref="InputException">There is no Python with PyTorch, or it can't do these steps.</exception>
    public PyTorchReport RunAgainstPyTorch(string? python, int threads, CancellationToken cancel = default)
    {
        var precision = options.Precisions[0];
        using var theirs = PyTorchSteps.Start(options, precision, threads, python);
        var set = MadeUpSet.Create(16 * options.Batch, options.Classes, options.ImageSize);
        using var live = new NetworkTeacher(Network(options.Teacher, precision, Layout.ChannelsLast), set.ClassNames);
        Contender[] ours =
        [
            .. Untaught(set, precision, Layout.ChannelsLast),
            Stage(set, precision, Layout.ChannelsLast, "kd", "live", live, Methods.Kd(new()), 0, options.Batch),
        ];
        var times = Race([.. ours.SelectMany(one => new[]
            { one, new Contender(one.What, one.Teacher, () => theirs.Step(one.What), () => { }) })], options.Rounds, cancel);
        return new PyTorchReport(theirs.Version, theirs.Threads, Word(precision), [.. ours.Select((one, i) => new PyTorchTiming(one.What,
            Statistics.Median(times[2 * i]), Statistics.Median(times[(2 * i) + 1]),
            Statistics.Median([.. times[2 * i].Zip(times[(2 * i) + 1], (own, other) => own / other)])))]);
    }

    private List<StepTiming> Time(ImageSet set, Precision precision, Layout layout, bool taught, CancellationToken cancel)
    {
        using var cached = Cached(set, precision, layout, cancel);
        using var live = new NetworkTeacher(Network(options.Teacher, precision, layout), set.ClassNames);
        var contenders = Untaught(set, precision, layout)
            .Concat(taught ? Taught(set, precision, layout, live, cached) : []).ToList();
        var times = Race(contenders, options.Rounds, cancel);
        return [.. contenders.Select((one, i) => new StepTiming(one.What, Word(precision), Word(layout), one.Teacher,
            Statistics.Median(times[i]), times[i].Min(), times[i].Max(),
                Statistics.Median([.. times[i].Zip(times[0], (time, floor) => time / floor)])))];
    }

    /// <summary>Milliseconds of each contender in each round, A B C A B C.</summary>
    private List<List<double>> Race(IReadOnlyList<Contender> contenders, int rounds, CancellationToken cancel, int warmUp = WarmUp)
    {
        try
        {
            var times = contenders.Select(_ => new List<double>()).ToList();
            var begun = Stopwatch.StartNew();
            for (var round = -warmUp; round < rounds; round++)
            {
                if (round >= FewestRounds && begun.Elapsed > options.Enough) break;
                if (round == 0 && options.Device != "cpu" && begun.Elapsed.TotalSeconds < GpuWarmUpSeconds) round = -1;
                for (var i = 0; i < contenders.Count; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    var milliseconds = contenders[i].Milliseconds();
                    if (round >= 0) times[i].Add(milliseconds);
                }
            }
            return times;
        }
        finally
        {
            foreach (var contender in contenders) contender.Dispose();
        }
    }

    private CachedTeacher Cached(ImageSet set, Precision precision, Layout layout, CancellationToken cancel)
    {
        var cached = new CachedTeacher(new NetworkTeacher(Network(options.Teacher, precision, layout), set.ClassNames), set,
            new CacheOptions { DataHash = "made up", Views = 1, Device = device(options.Device) });
        cached.Prepare(0, Needs.Embedding, cancel: cancel);
        return cached;
    }

    private IEnumerable<Contender> Untaught(ImageSet set, Precision precision, Layout layout) =>
    [
        Floor(set, precision, layout),
        Stage(set, precision, layout, "ce", "none", null, Methods.Student(new()), 0, options.Batch),
    ];

    private IEnumerable<Contender> Taught(ImageSet set, Precision precision, Layout layout, ITeacher live, ITeacher cached) =>
        from teacher in new[] { (Kind: "cached", Asked: cached), (Kind: "live", Asked: live) }
        from step in new[] { ("stage1", Methods.Refilled(new()), 0), ("stage2", Methods.Refilled(new()), 1), ("kd", Methods.Kd(new()), 0) }
        select Stage(set, precision, layout, step.Item1, teacher.Kind, teacher.Asked, step.Item2, step.Item3, options.Batch);

    private Contender Stage(ImageSet set, Precision precision, Layout layout, string what, string kind, ITeacher? teacher, Method method,
        int stage, int batch)
    {
        var student = Network(options.Student, precision, layout);
        var steps = new StageSteps(new TrainingTask(student, teacher, method, set, set.At([])) { BatchSize = batch, Views = 1 }, stage);
        return new Contender(what, kind, () => { steps.Step(); Wait(student); }, () => { steps.Dispose(); student.Dispose(); });
    }

    private Contender Floor(ImageSet set, Precision precision, Layout layout)
    {
        var student = Network(options.Student, precision, layout);
        student.train();
        var batch = new BatchStream(set, new BatchStreamOptions { BatchSize = options.Batch }).Epoch(0).First();
        return new Contender("student", "none", () =>
        {
            using var scope = NewDisposeScope();
            foreach (var parameter in student.parameters()) parameter.grad = null;
            student.Observe(batch.Images, Needs.Logits).Logits.sum().backward();
            Wait(student);
        }, () => { batch.Dispose(); student.Dispose(); });
    }

    private EmbeddingNetwork Network(string name, Precision precision, Layout layout)
    {
        var network = NetworkCatalog.Create(name, new NetworkOptions(options.Classes)
            { Precision = precision, Layout = layout, Input = InputSpec.Square(options.ImageSize, ChannelStatistics.Cifar100) });
        network.to(device(options.Device));
        return network;
    }

    /// <summary>A GPU answers before it is done.</summary>
    private static void Wait(EmbeddingNetwork network)
    {
        if (network.Device.type == DeviceType.CUDA) cuda.synchronize(network.Device);
    }

    internal static string Word(Precision precision) => Recipes.RecipeNames.Kebab(precision.ToString());

    internal static string Word(Layout layout) => Recipes.RecipeNames.Kebab(layout.ToString());

    /// <summary>One kind of step, of which it tells the milliseconds.</summary>
    private sealed record Contender(string What, string Teacher, Func<double> Milliseconds, Action End) : IDisposable
    {
        public Contender(string what, string teacher, Action step, Action end) : this(what, teacher, () =>
        {
            var watch = Stopwatch.StartNew();
            step();
            return watch.Elapsed.TotalMilliseconds;
        }, end) { }

        public void Dispose() => End();
    }
}
