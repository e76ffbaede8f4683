using Google.Protobuf;
using global::Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Refilled.Onnx;

/// <summary>Makes an exported network smaller. What it loses must be measured: see how well the two do on test images.</summary>
public static class OnnxReduction
{
    /// <summary>Writes the network in fp16: half the size, for runtimes that compute in it.</summary>
    /// <param name="source">A file that <see cref="OnnxExport"/> wrote.</param>
    /// <param name="target">The file to write.</param>
    /// <exception cref="InputException">The one can't be read, or the other not written.</exception>
    public static void Half(string source, string target) => OnnxExport.Write(target, HalfPrecision.Of(Read(source)).ToByteArray());

    /// <summary>Writes the network with int8 weights and uint8 activations: a quarter of the size.</summary>
    /// <param name="source">A file that <see cref="OnnxExport"/> wrote.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="images">Training images, pixels <c>[C, H, W]</c> of the network's own size, one each; a few hundred.</param>
    /// <param name="form">How the whole numbers stand in the graph.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="InputException">The one can't be read, or the other not written.</exception>
    /// <exception cref="ArgumentException">There are no images.</exception>
    public static void Int8(string source, string target, IReadOnlyList<byte[]> images, Int8Form form = Int8Form.Qdq,
        CancellationToken cancel = default)
    {
        if (images.Count == 0) throw new ArgumentException("There are no images to see ranges on.", nameof(images));
        var quantiser = new Quantiser(Read(source));
        var plain = quantiser.Plain;
        using var network = new OnnxNetwork(plain.ToByteArray());
        int[] shape = [network.Input.Channels, network.Input.Height, network.Input.Width];
        var whole = quantiser.Quantised(ActivationRanges.Of(plain, quantiser.Rounded, images, shape, cancel));
        OnnxExport.Write(target, form == Int8Form.Qdq ? whole.ToByteArray() : Fused(whole, target));
    }

    /// <summary>The graph as ONNX Runtime runs it: with whole-number operators in place of the pairs.</summary>
    private static byte[] Fused(ModelProto whole, string target)
    {
        var written = target + ".fused.tmp";
        try
        {
            using (var options = new SessionOptions
            {
                // No further: beyond it come layouts of the very processor.
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED, OptimizedModelFilePath = written,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            })
                new InferenceSession(whole.ToByteArray(), options).Dispose();
            var fused = ModelProto.Parser.ParseFrom(File.ReadAllBytes(written));
            fused.MetadataProps.Clear();
            fused.MetadataProps.AddRange(whole.MetadataProps);
            return fused.ToByteArray();
        }
        finally
        {
            File.Delete(written);
        }
    }

    private static ModelProto Read(string path)
    {
        using var checkedOnly = new OnnxNetwork(path);
        return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
    }
}

/// <summary>How the whole numbers of an int8 network stand in its graph.</summary>
public enum Int8Form
{
    /// <summary>Operators in fp32 between pairs of QuantizeLinear and DequantizeLinear, which every runtime fuses in its own way.</summary>
    Qdq,

    /// <summary>ONNX Runtime's own operators of whole numbers.</summary>
    QOperator,
}
