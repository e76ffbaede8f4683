using System.Diagnostics;
using Refilled.Data;
using Refilled.Distillation;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Refilled.Benchmarks;

/// <summary>Times whole training steps, from waiting for the batch to the update, beside the floor: the bare student's forward
/// and backward pass over a batch that lies ready. One process, A B A B; medians.</summary>
public sealed class StepBench(StepBenchOptions options)
{
    private const int WarmUp = 3;

    /// <summary>The steps of every precision and layout.</summary>
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
                timings.AddRange(Time(set, precision, layout, cancel));
            }
        }
        return timings;
    }

    private List<StepTiming> Time(ImageSet set, Precision precision, Layout layout, CancellationToken cancel)
    {
        var live = new NetworkTeacher(Network(options.Teacher, precision, layout), set.ClassNames);
        using var cached = new CachedTeacher(live, set, new CacheOptions { DataHash = "made up", Views = 1, Device = device(options.Device) });
        cached.Prepare(0, Needs.Embedding, cancel: cancel);
        var contenders = Contenders(set, precision, layout, live, cached).ToList();
        try
        {
            var times = contenders.Select(_ => new List<double>()).ToList();
            for (var round = -WarmUp; round < options.Rounds; round++)
            {
                cancel.ThrowIfCancellationRequested();
                for (var i = 0; i < contenders.Count; i++)
                {
                    var watch = Stopwatch.StartNew();
                    contenders[i].Step();
                    if (round >= 0) times[i].Add(watch.Elapsed.TotalMilliseconds);
                }
            }
            return [.. contenders.Select((one, i) => new StepTiming(one.What, Word(precision), Word(layout), one.Teacher,
                Statistics.Median(times[i]), times[i].Min(), times[i].Max(), Statistics.Median([.. times[i].Zip(times[0], (time, floor) => time / floor)])))];
        }
        finally
        {
            foreach (var contender in contenders) contender.Dispose();
        }
    }

    private IEnumerable<Contender> Contenders(ImageSet set, Precision precision, Layout layout, ITeacher live, ITeacher cached)
    {
        yield return Floor(set, precision, layout);
        Contender Stage(string what, string kind, ITeacher? teacher, Method method, int stage)
        {
            var student = Network(options.Student, precision, layout);
            var task = new TrainingTask(student, teacher, method, set, set.At([])) { BatchSize = options.Batch, Views = 1 };
            var steps = new StageSteps(task, stage);
            return new Contender(what, kind, () => { steps.Step(); Wait(student); }, () => { steps.Dispose(); student.Dispose(); });
        }
        yield return Stage("ce", "none", null, Methods.Student(new()), 0);
        foreach (var (kind, teacher) in new[] { ("cached", cached), ("live", live) })
        {
            yield return Stage("stage1", kind, teacher, Methods.Refilled(new()), 0);
            yield return Stage("stage2", kind, teacher, Methods.Refilled(new()), 1);
        }
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
        var network = NetworkCatalog.Create(name, new NetworkOptions(options.Classes) { Precision = precision, Layout = layout, Input = InputSpec.Square(options.ImageSize, ChannelStatistics.Cifar100) });
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

    /// <summary>One kind of step.</summary>
    private sealed record Contender(string What, string Teacher, Action Step, Action End) : IDisposable
    {
        public void Dispose() => End();
    }
}
