namespace Refilled.Cli.Bench;

/// <summary>Everything that <c>refilled bench</c> measured; parts that were not asked for are empty.</summary>
public sealed record BenchReport
{
    /// <summary>Processor and threads.</summary>
    public required string Machine { get; init; }

    /// <summary>The teacher's network.</summary>
    public required string Teacher { get; init; }

    /// <summary>The student's network.</summary>
    public required string Student { get; init; }

    /// <summary>Images in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Training steps.</summary>
    public IReadOnlyList<StepTiming> Steps { get; init; } = [];

    /// <summary>Whole epochs, plain and fast.</summary>
    public IReadOnlyList<EpochTiming> Epochs { get; init; } = [];

    /// <summary>Steps of the first stage against the batch size.</summary>
    public IReadOnlyList<ScalingTiming> Scaling { get; init; } = [];

    /// <summary>Alignment losses against the batch size.</summary>
    public IReadOnlyList<MiningTiming> Mining { get; init; } = [];

    /// <summary>Sources of images.</summary>
    public IReadOnlyList<SourceRate> Sources { get; init; } = [];

    /// <summary>Answers of the built-in ONNX teacher.</summary>
    public IReadOnlyList<TeacherRate> Teachers { get; init; } = [];

    /// <summary>Epochs in which that teacher is asked ahead; null where they weren't asked for.</summary>
    public AheadTiming? Ahead { get; init; }

    /// <summary>Steps beside PyTorch's; null where they weren't asked for.</summary>
    public PyTorchReport? PyTorch { get; init; }

    /// <summary>Most resident memory of the process, in MiB; null where the system doesn't tell.</summary>
    public double? PeakMiB { get; init; }
}

/// <summary>How long a training step took.</summary>
/// <param name="What">"student" (bare forward and backward: the floor), "ce", "stage1", "stage2" or "kd".</param>
/// <param name="Precision">"fp32" or "bf16".</param>
/// <param name="Layout">"nchw" or "channels-last".</param>
/// <param name="Teacher">"none", "live" or "cached".</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="MinMs">The fastest step.</param>
/// <param name="MaxMs">The slowest step.</param>
/// <param name="Ratio">Median of the ratios to the floor of the same precision and layout in the same round, or null where it
/// was not measured.</param>
public sealed record StepTiming(string What, string Precision, string Layout, string Teacher, double Ms, double MinMs, double MaxMs,
    double? Ratio);

/// <summary>Steps of ours and the same in PyTorch, in turns.</summary>
/// <param name="Version">PyTorch's version.</param>
/// <param name="Threads">Threads of its operations.</param>
/// <param name="Precision">"fp32" or "bf16", of both.</param>
/// <param name="Steps">The kinds of steps.</param>
public sealed record PyTorchReport(string Version, int Threads, string Precision, IReadOnlyList<PyTorchTiming> Steps);

/// <summary>How long a step took here and there.</summary>
/// <param name="What">"student" (bare forward and backward), "ce" or "kd" (teacher live).</param>
/// <param name="Ms">Our median, in milliseconds.</param>
/// <param name="PyTorchMs">PyTorch's.</param>
/// <param name="Ratio">Median of ours / theirs within a round.</param>
public sealed record PyTorchTiming(string What, double Ms, double PyTorchMs, double Ratio);

/// <summary>A whole epoch of distillation, done plainly and as well as we can.</summary>
/// <param name="Stage">"stage1" or "stage2".</param>
/// <param name="Images">Images in the epoch.</param>
/// <param name="PlainSeconds">Median with the teacher run on every batch, in fp32 and NCHW, batches drawn in between.</param>
/// <param name="FastSeconds">Median with the cache full, in the fast precision, channels-last, batches drawn ahead.</param>
/// <param name="Ratio">Median of plain / fast over the pairs.</param>
/// <param name="FillSeconds">Filling one view of the cache, once for all epochs, methods and seeds.</param>
public sealed record EpochTiming(string Stage, int Images, double PlainSeconds, double FastSeconds, double Ratio, double FillSeconds);

/// <summary>A step of the first stage at some batch size, teacher cached, in the fast precision.</summary>
/// <param name="Batch">Images, B.</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="Exponent">log(ms / ms of the smallest batch) / log(B / smallest B); null at the smallest.</param>
public sealed record ScalingTiming(int Batch, double Ms, double? Exponent);

/// <summary>How long an alignment loss takes, from the embeddings to their gradient: distances, mining, value, backward.</summary>
/// <param name="Batch">Images, B.</param>
/// <param name="Form">"triplet" or "tuple".</param>
/// <param name="Ms">Median, in milliseconds.</param>
/// <param name="ExtraMiB">Peak resident memory above what was there before; null where the system doesn't tell.</param>
/// <param name="Triplets">Triplets or tuples found.</param>
public sealed record MiningTiming(int Batch, string Form, double Ms, double? ExtraMiB, long Triplets);

/// <summary>How fast one part of the way from files to batches is on this machine.</summary>
/// <param name="Name">Which part; see <see cref="SourceBench"/>.</param>
/// <param name="ImagesPerSecond">Images in a second: the median of the repetitions.</param>
public sealed record SourceRate(string Name, double ImagesPerSecond);

/// <summary>How many images a second a teacher answers for.</summary>
/// <param name="What">"refilled" (bytes of views in, embeddings out), "filling a view" (all around it, too) or "onnxruntime" (tensors
/// that lie ready).</param>
/// <param name="Size">Height and width of the views in pixels.</param>
/// <param name="Callers">Runs of the model side by side.</param>
/// <param name="Threads">Threads within a run.</param>
/// <param name="Batch">Images that are asked about at once.</param>
/// <param name="Settings">What isn't as ONNX Runtime has it by default.</param>
/// <param name="ImagesPerSecond">The median of the rounds.</param>
/// <param name="Ratio">Median of the ratios to ONNX Runtime's best row within a round.</param>
/// <param name="ProcessorMs">Processor time of an image in milliseconds, of all threads; sleeping doesn't count, spinning does.</param>
public sealed record TeacherRate(string What, int Size, int Callers, int Threads, int Batch, string Settings, double ImagesPerSecond,
    double Ratio, double ProcessorMs);

/// <summary>Epochs in which a teacher is asked about a view that it hasn't seen.</summary>
/// <param name="Images">Images of an epoch.</param>
/// <param name="AskingSeconds">Asking about all of them, alone; the median.</param>
/// <param name="TrainingSeconds">Training on all of them, alone.</param>
/// <param name="AheadSeconds">Both at once.</param>
/// <param name="Ratio">Median of both at once / one after the other, within a round.</param>
public sealed record AheadTiming(int Images, double AskingSeconds, double TrainingSeconds, double AheadSeconds, double Ratio);
