using System.Runtime.ExceptionServices;
using Google.Protobuf;
using global::Onnx;
using Microsoft.ML.OnnxRuntime;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>Runs a model: some images at a time, and several such groups side by side, each on a thread.</summary>
/// <remarks>So threads wait for each other once a batch, and not within each layer.</remarks>
internal sealed class ModelRunner : IDisposable
{
    /// <summary>Numbers of a group of images: 16 of 64×64, one of 224×224. What they need together stays small.</summary>
    private const int NumbersAtOnce = 3 * 64 * 64 * 16;

    private const double Tolerance = 1e-4;

    private readonly InferenceSession session;
    private readonly ImageInput input;
    private readonly string[] outputs;

    private ModelRunner(OnnxFile file, ModelProto model, ImageInput input, string[] outputs)
    {
        (this.input, this.outputs) = (input, outputs);
        var shown = model.Clone();
        shown.Graph.Output.Clear();
        // A name is enough: ONNX Runtime knows the rest.
        shown.Graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            session = new InferenceSession(shown.ToByteArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw OnnxFault.Of(file.Path, $"ONNX Runtime says: {e.Message.TrimEnd('.', '\n')}");
        }
    }

    /// <summary>Opens a model, for any number of images where it can be.</summary>
    /// <param name="file">Where it came from.</param>
    /// <param name="input">What it wants to see.</param>
    /// <param name="outputs">Names of the tensors that are wanted.</param>
    /// <exception cref="InputException">ONNX Runtime can't open it.</exception>
    public static ModelRunner Open(OnnxFile file, ImageInput input, params string[] outputs)
    {
        var plain = new ModelRunner(file, file.Model, input, outputs);
        var wrong = plain.Look(file).Select(output => output.Misfit(1)).FirstOrDefault(misfit => misfit is not null);
        if (wrong is not null || input.Batch is not { } images)
        {
            if (wrong is null) return plain;
            plain.Dispose();
            throw OnnxFault.Of(file.Path, wrong);
        }
        ModelRunner? any = null;
        try
        {
            any = new ModelRunner(file, OpenBatch.Of(file.Model, input.Name, images), input with { Batch = null }, outputs);
            if (Agree(plain, any))
            {
                plain.Dispose();
                return any;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or InputException)
        {
            // Then it is fed as it was exported.
        }
        any?.Dispose();
        return plain;
    }

    /// <summary>What tensors of a model are for one image, whatever their shapes.</summary>
    /// <exception cref="InputException">ONNX Runtime can't open it, or run it.</exception>
    public static IReadOnlyList<ModelOutput> Look(OnnxFile file, ImageInput input, params string[] outputs)
    {
        using var runner = new ModelRunner(file, file.Model, input, outputs);
        return runner.Look(file);
    }

    /// <summary>Whether it takes any number of images.</summary>
    public bool TakesAny => input.Batch is null;

    /// <summary>Runs it.</summary>
    /// <param name="count">How many images.</param>
    /// <param name="write">Writes them, from a given one on, as it wants them; called by several threads.</param>
    /// <param name="threads">Groups of images side by side.</param>
    /// <param name="cancel">Stops between two groups.</param>
    /// <returns>Each of the outputs.</returns>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses.</exception>
    public IReadOnlyList<ModelOutput> Run(int count, ImageWriter write, int threads = 1, CancellationToken cancel = default)
    {
        var group = input.Batch ?? Math.Max(1, NumbersAtOnce / input.Length);
        var parts = new IReadOnlyList<ModelOutput>[(count + group - 1) / group];
        var next = -1;
        // Each takes the next group when it is done with one, so that none ends much later than the others.
        void Work()
        {
            var numbers = new float[group * input.Length];
            try
            {
                while (!cancel.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < parts.Length)
                {
                    var (first, images) = (i * group, Math.Min(group, count - i * group));
                    write(first, numbers.AsSpan(0, images * input.Length));
                    numbers.AsSpan(images * input.Length).Clear();
                    parts[i] = [.. Pass(numbers, images).Select(output => output.First(images))];
                }
            }
            catch
            {
                Volatile.Write(ref next, parts.Length);
                throw;
            }
        }
        try
        {
            Parallel.For(0, Math.Min(threads, parts.Length), _ => Work());
        }
        catch (AggregateException e) when (e.InnerException is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
        cancel.ThrowIfCancellationRequested();
        return [.. outputs.Index().Select(pair => ModelOutput.Join([.. parts.Select(part => part[pair.Index])]))];
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private IReadOnlyList<ModelOutput> Look(OnnxFile file)
    {
        try
        {
            return Run(1, (_, _) => { });
        }
        catch (OnnxRuntimeException e)
        {
            Dispose();
            throw OnnxFault.Of(file.Path, $"ONNX Runtime says: {e.Message.TrimEnd('.', '\n')}");
        }
    }

    /// <summary>One run, of as many images as the model wants.</summary>
    private List<ModelOutput> Pass(float[] pixels, int images)
    {
        var all = input.Batch ?? images;
        using var given = Value(pixels.AsMemory(0, all * input.Length), input.Shape(all));
        using var options = new RunOptions();
        using var results = session.Run(options, [input.Name], [given], outputs);
        return [.. results.Zip(outputs, (result, name) => ModelOutput.Of(result, name))];
    }

    private OrtValue Value(Memory<float> pixels, long[] shape) => input.Type switch
    {
        DataType.Uint8 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(pixels.ToArray(), one =>
            (byte)Math.Clamp(MathF.Round(one), 0, 255)), shape),
        DataType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(pixels.ToArray(), one => (Float16)one), shape),
        _ => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels, shape),
    };

    /// <summary>Whether two images together, and three, give what each gives alone.</summary>
    private static bool Agree(ModelRunner plain, ModelRunner any)
    {
        var random = new Random(1);
        var pixels = new float[3 * plain.input.Length];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (float)random.NextDouble();
        var expected = plain.Run(3, (first, target) => pixels.AsSpan(first * plain.input.Length, target.Length).CopyTo(target));
        return new[] { 2, 3 }.All(count => any.Pass(pixels, count)
            .Zip(expected, (found, one) => found.IsNear(one.First(count), Tolerance)).All(near => near));
    }
}

/// <summary>Writes the numbers of images from a given one on: as many as have room.</summary>
internal delegate void ImageWriter(int first, Span<float> target);
