using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Refilled.Data.Views;

namespace Refilled.Deploy;

/// <summary>An exported network in ONNX Runtime. Safe from any thread.</summary>
internal sealed class ExportedSession : IDisposable
{
    private const string Images = "images";

    private static readonly string[] Outputs = ["probabilities", "logits", "embedding"];

    private readonly InferenceSession session;
    private readonly TensorElementType input;

    private ExportedSession(InferenceSession session, ExportedModel model)
    {
        (this.session, Model) = (session, model);
        input = session.InputMetadata[Images].ElementDataType;
    }

    /// <summary>What the file says of itself.</summary>
    public ExportedModel Model { get; }

    /// <summary>Opens an exported file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="options">How it works.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="DeployException">It is damaged, or no export of Refilled.</exception>
    public static ExportedSession Open(byte[] file, ClassifierOptions options, string name)
    {
        var model = ExportedModel.Read(file, name);
        InferenceSession? session = null;
        try
        {
            using var settings = new SessionOptions
                { IntraOpNumThreads = options.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            session = new InferenceSession(file, settings);
            var classes = model.ClassNames.Count;
            if (!session.InputMetadata.TryGetValue(Images, out var images)
                || images.ElementDataType is not (TensorElementType.Float or TensorElementType.UInt8)
                || Outputs.Any(output => !session.OutputMetadata.TryGetValue(output, out var found)
                    || found.ElementDataType != TensorElementType.Float || found.Dimensions.Length != 2)
                || session.OutputMetadata[Outputs[0]].Dimensions[1] != classes)
                throw new DeployException($"{name} has other inputs and outputs than an export of Refilled: "
                    + $"'{Images}' in, and {string.Join(", ", Outputs)} of {classes} classes out, are wanted.");
            return new ExportedSession(session, model);
        }
        catch (OnnxRuntimeException e)
        {
            throw new DeployException($"ONNX Runtime can't open {name}: {e.Message}", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Passes views through the network.</summary>
    /// <param name="views">Their planes, <c>[N, 3, Size, Size]</c>.</param>
    /// <param name="count">N.</param>
    /// <param name="cancel">Stops the work, within the pass too.</param>
    public IEnumerable<Classification> Run(ReadOnlySpan<byte> views, int count, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var images = Input(views, count);
        using var run = new RunOptions();
        using var stop = cancel.Register(() => run.Terminate = true);
        try
        {
            using var found = session.Run(run, [Images], [images], Outputs);
            var (probabilities, logits, embedding) = (Rows(found[0], count), Rows(found[1], count), Rows(found[2], count));
            return Enumerable.Range(0, count).Select(i => new Classification(Model.ClassNames, probabilities[i], logits[i], embedding[i]));
        }
        catch (OnnxRuntimeException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }

    private OrtValue Input(ReadOnlySpan<byte> views, int count)
    {
        if (input == TensorElementType.Float)
        {
            var pixels = new float[views.Length];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = views[i];
            return OrtValue.CreateTensorValueFromMemory(pixels, [count, Framing.Channels, Model.Size, Model.Size]);
        }
        // A graph that takes any size cuts the middle out of an image whose shorter side is this; so the view gets such a border.
        var (side, size) = (Model.ShortSide, Model.Size);
        var framed = new byte[count * Framing.Channels * side * side];
        var margin = (side - size) / 2;
        for (var row = 0; row < count * Framing.Channels * size; row++)
            views.Slice(row * size, size).CopyTo(framed.AsSpan((row / size * side + margin + row % size) * side + margin));
        return OrtValue.CreateTensorValueFromMemory(framed, [count, Framing.Channels, side, side]);
    }

    private static float[][] Rows(OrtValue output, int count)
    {
        var all = output.GetTensorDataAsSpan<float>();
        var (rows, each) = (new float[count][], all.Length / count);
        for (var i = 0; i < count; i++) rows[i] = all.Slice(i * each, each).ToArray();
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
