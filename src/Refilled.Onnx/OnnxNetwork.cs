using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
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
    public OnnxNetwork(string path, int threads = 0)
    {
        if (!File.Exists(path)) throw new InputException($"There is no file '{path}'.");
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        try
        {
            session = new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InputException($"'{path}' can't be opened as ONNX: {e.Message}", e);
        }
        var metadata = session.ModelMetadata.CustomMetadataMap;
        if (!metadata.TryGetValue(OnnxExport.ClassesKey, out var classes))
        {
            session.Dispose();
            throw new InputException($"'{path}' is ONNX, but no export of Refilled: its metadata lacks '{OnnxExport.ClassesKey}'.");
        }
        ClassNames = JsonSerializer.Deserialize<string[]>(classes)!;
        Input = JsonSerializer.Deserialize<InputSpec>(metadata[OnnxExport.InputKey])!;
    }

    /// <summary>What the network wants to see; its size is that of the pixels.</summary>
    public InputSpec Input { get; }

    /// <summary>The name of each logit, <c>[C]</c>.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>One of the outputs for a batch of pixels.</summary>
    /// <param name="pixels">From 0 to 255, <c>[N, C, H, W]</c>.</param>
    /// <param name="shape">N, C, H, W.</param>
    /// <param name="output">"logits", "probabilities" or "embedding".</param>
    /// <returns>Row after row, <c>[N, …]</c>.</returns>
    public float[] Run(ReadOnlySpan<byte> pixels, int[] shape, string output = NetworkGraph.Logits)
    {
        var input = session.InputMetadata[InputGraph.Images];
        NamedOnnxValue value;
        if (input.ElementDataType == TensorElementType.UInt8)
        {
            value = NamedOnnxValue.CreateFromTensor(InputGraph.Images, new DenseTensor<byte>(pixels.ToArray(), shape));
        }
        else
        {
            var floats = new float[pixels.Length];
            for (var i = 0; i < floats.Length; i++) floats[i] = pixels[i];
            value = NamedOnnxValue.CreateFromTensor(InputGraph.Images, new DenseTensor<float>(floats, shape));
        }
        using var outputs = session.Run([value], [output]);
        return [.. outputs[0].AsTensor<float>()];
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();
}
