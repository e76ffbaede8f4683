using System.Globalization;
using Google.Protobuf;
using global::Onnx;
using Microsoft.ML.OnnxRuntime;
using Refilled.Onnx.Teachers;

namespace Refilled.Cli.Bench;

/// <summary>ONNX Runtime alone, running the built-in teacher on tensors that lie ready.</summary>
internal sealed class RuntimeRuns : IDisposable
{
    /// <summary>Height and width that the teacher wants.</summary>
    public const int Size = 224;

    private readonly InferenceSession[] sessions;
    private readonly Dictionary<int, OrtValue> inputs = [];
    private readonly string input, output;

    /// <param name="settings">How it runs.</param>
    public RuntimeRuns(RuntimeSettings settings)
    {
        var file = OnnxFile.Read(ImageNetTeacherFormat.Network);
        var given = file.Model.Graph.Input.Single(one => file.Model.Graph.Initializer.All(tensor => tensor.Name != one.Name));
        (input, output) = (given.Name, ModelOutputs.Of(file, new(), null).Embedding);
        var model = OpenBatch.Of(file.Model, input, (int)given.Type.TensorType.Shape.Dim[0].DimValue);
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = output });
        var bytes = model.ToByteArray();
        using var options = settings.Options();
        sessions = [.. Enumerable.Range(0, settings.Sessions).Select(_ => new InferenceSession(bytes, options))];
    }

    /// <summary>Runs it for at least so many images.</summary>
    /// <param name="images">How many.</param>
    /// <param name="callers">Threads that call it side by side.</param>
    /// <param name="batch">Images of a run.</param>
    /// <returns>How many it were.</returns>
    public int Pass(int images, int callers, int batch)
    {
        if (!inputs.TryGetValue(batch, out var given)) inputs[batch] = given = Noise(batch);
        var (left, done) = ((images + batch - 1) / batch, 0);
        void Call(int caller)
        {
            using var run = new RunOptions();
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var results = sessions[caller % sessions.Length].Run(run, [input], [given], [output]);
                Interlocked.Add(ref done, batch);
            }
        }
        var others = Enumerable.Range(1, callers - 1).Select(i => new Thread(() => Call(i))).ToList();
        foreach (var thread in others) thread.Start();
        Call(0);
        foreach (var thread in others) thread.Join();
        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in sessions) session.Dispose();
        foreach (var value in inputs.Values) value.Dispose();
    }

    private static OrtValue Noise(int batch)
    {
        var numbers = new float[batch * 3 * Size * Size];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = (byte)SeedMix.Bits(0, SeedStream.Individual, i) - 128f;
        return OrtValue.CreateTensorValueFromMemory(numbers, [batch, 3, Size, Size]);
    }
}

/// <summary>How ONNX Runtime runs.</summary>
internal sealed record RuntimeSettings
{
    /// <summary>Threads within each run. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Sessions that its callers share. Default 1.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Whether threads within a run spin while they wait. Default true, its own.</summary>
    public bool Spins { get; init; } = true;

    /// <summary>Whether freed memory is kept. Default true, its own.</summary>
    public bool Arena { get; init; } = true;

    /// <summary>Whether a run's memory is planned by that of the run before. Default true, its own.</summary>
    public bool Pattern { get; init; } = true;

    /// <summary>Whether nodes may run side by side. Default false, its own.</summary>
    public bool Parallel { get; init; }

    /// <summary>How far the graph is optimised. Default "all", its own.</summary>
    public string Optimised { get; init; } = "all";

    /// <summary>The session's options.</summary>
    public SessionOptions Options()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = Threads, InterOpNumThreads = Parallel ? 2 : 1, EnableCpuMemArena = Arena, EnableMemoryPattern = Pattern,
            ExecutionMode = Parallel ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = Optimised switch
            {
                "basic" => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                "extended" => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", Spins ? "1" : "0");
        return options;
    }

    /// <summary>What is not as it is by default.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        Sessions > 1 ? string.Create(CultureInfo.InvariantCulture, $"{Sessions} sessions") : "", Spins ? "" : "no spinning",
        Arena ? "" : "no arena", Pattern ? "" : "no memory pattern", Parallel ? "nodes in parallel" : "",
        Optimised == "all" ? "" : $"optimised: {Optimised}",
    }.Where(part => part.Length > 0));
}
