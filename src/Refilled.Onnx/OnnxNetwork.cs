using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Refilled.Networks;

namespace Refilled.Onnx;

/// <summary>An exported network, run by ONNX Runtime.</summary>
public sealed class OnnxNetwork : IDisposable
{
    private readonly InferenceSession session;

    /// <summary>Opens a file that <see cref="OnnxExport"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Threads of a pass; 0 takes one for each core.</param>
    /// <exception cref="InputException">The file is missing, damaged, or no export of ours.</exception>
    public OnnxNetwork(string path, int threads = 0) : this(Read(path), $"'{path}'", threads) { }

    internal OnnxNetwork(byte[] bytes, string what = "The graph", int threads = 0)
    {
        using var options = new SessionOptions
            { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            session = new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InputException($"{what} can't be opened as ONNX: {e.Message}", e);
        }
        var metadata = session.ModelMetadata.CustomMetadataMap;
        if (!metadata.TryGetValue(OnnxExport.ClassesKey, out var classes))
        {
            session.Dispose();
            throw new InputException($"{what} is ONNX, but no export of Refilled: its metadata lacks '{OnnxExport.ClassesKey}'.");
        }
        ClassNames = JsonSerializer.Deserialize<string[]>(classes)!;
        Input = JsonSerializer.Deserialize<InputSpec>(metadata[OnnxExport.InputKey])!;
        if (metadata.TryGetValue(OnnxExport.TemperatureKey, out var fitted))
            Temperature = double.Parse(fitted, CultureInfo.InvariantCulture);
        Unknown = metadata.GetValueOrDefault(OnnxExport.UnknownKey);
    }

    /// <summary>What the network wants to see; its size is that of the pixels.</summary>
    public InputSpec Input { get; }

    /// <summary>The name of each logit, <c>[C]</c>.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What logits are divided by before they become probabilities; null where it was never fitted.</summary>
    public double? Temperature { get; }

    /// <summary>When to answer "none of these", as JSON; null where that was never measured.</summary>
    public string? Unknown { get; }

    /// <summary>One of the outputs for a batch of pixels.</summary>
    /// <param name="pixels">From 0 to 255, <c>[N, C, H, W]</c>.</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="output">"logits", "probabilities" or "embedding".</param>
    /// <returns>Row after row, <c>[N, …]</c>.</returns>
    public float[] Run(ReadOnlySpan<byte> pixels, int[] shape, string output = NetworkGraph.Logits)
    {
        float[] values = [];
        Run(pixels.ToArray(), shape, [output], (_, found) => values = found.ToArray());
        return values;
    }

    /// <summary>Several tensors for a batch of pixels.</summary>
    internal void Run(byte[] pixels, int[] shape, IReadOnlyCollection<string> outputs, TensorReader read)
    {
        long[] sizes = [.. shape.Select(size => (long)size)];
        var isWhole = session.InputMetadata[InputGraph.Images].ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8;
        using var input = isWhole ? OrtValue.CreateTensorValueFromMemory(pixels, sizes)
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(pixels, pixel => (float)pixel), sizes);
        using var options = new RunOptions();
        using var found = session.Run(options, [InputGraph.Images], [input], outputs);
        foreach (var (name, value) in outputs.Zip(found)) read(name, value.GetTensorDataAsSpan<float>());
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(File.Exists(path) ? $"'{path}' can't be read: {e.Message}" : $"There is no file '{path}'.", e);
        }
    }
}

/// <summary>Takes a tensor, which is there for as long as the call.</summary>
internal delegate void TensorReader(string name, ReadOnlySpan<float> values);
