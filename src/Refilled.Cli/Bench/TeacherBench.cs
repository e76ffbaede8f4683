using System.Diagnostics;
using Refilled.Data;
using Refilled.Networks;
using Refilled.Onnx.Teachers;
using Refilled.Teachers;
using static TorchSharp.torch;

namespace Refilled.Cli.Bench;

/// <summary>How many images a second the built-in ONNX teacher answers for, beside ONNX Runtime's own best.</summary>
/// <remarks>ONNX Runtime's rows run the same model on tensors that lie ready. All
/// take turns (A B C A B C), so that whatever else the machine does hits all alike.</remarks>
internal sealed class TeacherBench
{
    /// <summary>Rows of the teacher as the trainer asks it: bytes of views in, embeddings out.</summary>
    public const string Ours = "refilled";

    /// <summary>The same with everything around: views are drawn, asked about in blocks, and kept.</summary>
    public const string Filling = "filling a view";

    /// <summary>Rows of ONNX Runtime alone.</summary>
    public const string Runtime = "onnxruntime";

    /// <summary>Most sessions of one row: each holds the weights anew.</summary>
    private const int MostSessions = 4;

    private readonly TeacherBenchOptions options;
    private readonly int threads = get_num_threads();

    public TeacherBench(TeacherBenchOptions options) => this.options = options;

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is measured now; may be null.</param>
    /// <param name="cancel">Stops between two measurements.</param>
    /// <exception cref="InputException">The teacher's files aren't there.</exception>
    public IReadOnlyList<TeacherRate> Run(IProgress<string>? progress = null, CancellationToken cancel = default)
    {
        var rows = new List<Row>();
        try
        {
            progress?.Report($"teachers: {ImageNetTeacherFormat.Name}");
            rows.AddRange(OurRows());
            rows.AddRange(RuntimeRows());
            var (rates, costs) = (rows.Select(_ => new List<double>()).ToList(), rows.Select(_ => new List<double>()).ToList());
            for (var round = -1; round < options.Rounds; round++)
                foreach (var (i, row) in rows.Index())
                {
                    cancel.ThrowIfCancellationRequested();
                    // The first round warms up, with no more than that needs.
                    var images = round < 0 ? Math.Min(options.Images, row.Batch * row.Callers) : options.Images;
                    var (start, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                    images = row.Pass(images);
                    var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    if (round < 0) continue;
                    rates[i].Add(images / seconds);
                    costs[i].Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds / images);
                }
            return Rates(rows, rates, costs);
        }
        finally
        {
            foreach (var row in rows) row.Dispose();
        }
    }

    /// <summary>Medians, and ratios to the best of ONNX Runtime's rows within a round.</summary>
    private static List<TeacherRate> Rates(List<Row> rows, List<List<double>> rates, List<List<double>> costs)
    {
        var best = rates[rows.Index().Where(row => row.Item.What == Runtime).MaxBy(row => Statistics.Median(rates[row.Index])).Index];
        return [.. rows.Select((row, i) => new TeacherRate(row.What, row.Size, row.Callers, row.Threads, row.Batch, row.Settings,
            Statistics.Median(rates[i]), Statistics.Median([.. rates[i].Zip(best, (own, other) => own / other)]),
            Statistics.Median(costs[i])))];
    }

    private IEnumerable<Row> OurRows()
    {
        ITeacherFormat[] formats = [new ImageNetTeacherFormat()];
        var place = Teacher.Find(ImageNetTeacherFormat.Name, formats: formats);
        var opened = Teacher.Open(place, new TeacherOptions(CPU, Precision.Fp32), formats);
        var asked = opened.Teach();
        var first = true;
        foreach (var size in options.Sizes)
        {
            var set = MadeUpSet.Create(Math.Max(options.Images, options.Batches.Max()), 2, size);
            // Of views that are resized first, what counts is how the trainer asks.
            var whole = size == RuntimeRuns.Size;
            foreach (var callers in Counts().Where(callers => whole || callers == threads))
            {
                foreach (var batch in options.Batches.Where(batch => whole || batch == options.Batches.Max()))
                {
                    var seen = new BatchStream(set, new BatchStreamOptions { BatchSize = batch, FixedView = 0 }).Epoch(0).First();
                    var owned = first ? opened : null;
                    first = false;
                    yield return new Row(Ours, size, callers, 1, batch, "", images =>
                    {
                        set_num_threads(callers);
                        var done = 0;
                        for (; done < images; done += batch) asked.Observe(seen, Needs.Embedding).Embedding.Dispose();
                        set_num_threads(threads);
                        return done;
                    }, () => { seen.Dispose(); owned?.Dispose(); });
                }
            }
            var view = 0;
            var cached = new CachedTeacher(asked, set, new CacheOptions { DataHash = "made up", Views = 1, LeavesTeacher = true });
            yield return new Row(Filling, size, threads, 1, new CacheOptions { DataHash = "" }.Block, "", _ =>
            {
                cached.Prepare(view++, Needs.Embedding);
                return set.Count;
            }, cached.Dispose);
        }
    }

    /// <summary>1, 2, 4 … and all threads.</summary>
    private List<int> Counts()
    {
        var counts = new List<int>();
        for (var count = 1; count < threads; count *= 2) counts.Add(count);
        return [.. counts, threads];
    }

    private IEnumerable<Row> RuntimeRows()
    {
        var settings = new List<(RuntimeSettings Settings, int Callers, int Batch)>();
        var counts = Counts();
        foreach (var callers in counts)
            foreach (var within in counts.Where(within => callers * within == threads || callers * within == 1))
                foreach (var batch in options.Batches.Where(batch => batch <= TeacherBenchOptions.LargestRaw))
                {
                    var plain = new RuntimeSettings { Threads = within };
                    settings.Add((plain, callers, batch));
                    if (callers is > 1 and <= MostSessions) settings.Add((plain with { Sessions = callers }, callers, batch));
                    if (within > 1) settings.Add((plain with { Spins = false }, callers, batch));
                }
        var usual = new RuntimeSettings();
        RuntimeSettings[] others =
        [
            usual with { Optimised = "extended" }, usual with { Optimised = "basic" }, usual with { Arena = false },
            usual with { Pattern = false }, usual with { Parallel = true },
        ];
        settings.AddRange(others.Select(other => (other, threads, 1)));
        // Batches of all sizes share a session, which holds the weights.
        foreach (var own in settings.GroupBy(one => one.Settings))
        {
            var raw = new RuntimeRuns(own.Key);
            foreach (var (i, (_, callers, batch)) in own.Index())
                yield return new Row(Runtime, RuntimeRuns.Size, callers, own.Key.Threads, batch, own.Key.ToString(),
                    images => raw.Pass(images, callers, batch), i == 0 ? raw.Dispose : () => { });
        }
    }

    /// <summary>One kind of asking. <paramref name="Pass"/> does it for so many images at least, and returns how many it were.</summary>
    private sealed record Row(
        string What, int Size, int Callers, int Threads, int Batch, string Settings, Func<int, int> Pass, Action End) : IDisposable
    {
        public void Dispose() => End();
    }
}

/// <summary>What <see cref="TeacherBench"/> measures.</summary>
internal sealed record TeacherBenchOptions
{
    /// <summary>Largest batch that ONNX Runtime is given at once.</summary>
    public const int LargestRaw = 32;

    /// <summary>Heights and widths of the views in pixels. Default 224, as the teacher wants them, and 32.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [RuntimeRuns.Size, 32];

    /// <summary>Images that the teacher is asked about at once. Default 1, 8, 32 and 128, as the trainer asks.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [1, 8, 32, 128];

    /// <summary>Images of a measurement, at least. Default 64.</summary>
    public int Images { get; init; } = 64;

    /// <summary>Rounds; each measures every row once. Default 5.</summary>
    public int Rounds { get; init; } = 5;
}
