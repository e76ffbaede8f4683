using System.Diagnostics;
using Refilled.Data;
using Refilled.Losses.Alignment;
using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Cli.Bench;

/// <summary>Times the alignment losses against the batch size.</summary>
public static class MiningBench
{
    private const int Classes = 50, StudentSize = 64, TeacherSize = 128, Repetitions = 15;

    /// <summary>The usual batch sizes.</summary>
    public static IReadOnlyList<int> Batches { get; } = [64, 128, 256, 512, 1024];

    /// <summary>Both forms at each batch size, largest last; embeddings of 64 and 128 numbers, 50 classes.</summary>
    /// <param name="batches">The batch sizes.</param>
    /// <param name="progress">Told what is measured now; may be null.</param>
    /// <param name="cancel">Stops between two measurements.</param>
    public static IReadOnlyList<MiningTiming> Run(IReadOnlyList<int> batches, IProgress<string>? progress = null,
        CancellationToken cancel = default)
    {
        var timings = new List<MiningTiming>();
        foreach (var batch in batches)
        {
            foreach (var (form, loss) in new (string, AlignmentLoss)[] { ("triplet", new TripletAlignment()),
                ("tuple", new TupleAlignment()) })
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report($"{form} loss of {batch} images");
                timings.Add(Time(batch, form, loss));
            }
        }
        return timings;
    }

    private static MiningTiming Time(int size, string form, AlignmentLoss loss)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size);
        var labels = Numbers.Range(0, size).Modulo(Classes);
        // As before any training, when all images are equally far apart: then most triplets are semi-hard, about half of all.
        var student = randn([size, StudentSize], generator: generator).requires_grad_();
        var teacher = randn([size, TeacherSize], generator: generator);
        using var batch = Batch.Owning(zeros([size, 1], ScalarType.Byte), labels, [.. Enumerable.Range(0, size).Select(i => (long)i)],
            [.. Enumerable.Repeat(0, size)]);
        long Once()
        {
            using var inner = NewDisposeScope();
            student.grad = null;
            var term = loss.Compute(new Signals(student), new Signals(teacher), batch, default);
            term.Mean().backward();
            return (long)term.Count.Number();
        }

        var memory = ResidentMemory.Watch();
        var found = Once();
        var extra = memory?.PeakMiB();
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var watch = Stopwatch.StartNew();
            Once();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        return new MiningTiming(size, form, Statistics.Median(times), extra, found);
    }
}
