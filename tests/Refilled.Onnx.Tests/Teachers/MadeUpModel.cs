using Google.Protobuf;
using global::Onnx;
using Refilled.Tests.Support;

namespace Refilled.Onnx.Tests.Teachers;

/// <summary>Small models with weights that follow from a seed: a convolution, a pooling, a linear layer.</summary>
internal static class MadeUpModel
{
    public const int Size = 8, Channels = 4, Classes = 3;

    /// <summary>The usual one: images [N, 3, 8, 8], "pooled" [N, 4], "scores" [N, 3].</summary>
    /// <param name="batch">Images that it is declared for; null for any number.</param>
    /// <param name="before">Puts nodes between the images and the convolution, and says what that reads.</param>
    /// <param name="pooled">Puts nodes between the pooling [N, 4, 1, 1] and the linear layer. Default: Flatten.</param>
    public static ModelProto Usual(int? batch = null, Func<GraphWriter, string>? before = null, Func<GraphWriter, string,
        string>? pooled = null)
    {
        var graph = new GraphWriter();
        graph.Input("x", TensorProto.Types.DataType.Float, Any(batch), 3, Size, Size);
        var seen = before?.Invoke(graph) ?? "x";
        graph.Add("Conv", [seen, graph.Constant("w", Numbers(Channels * 3 * 9, 1), Channels, 3, 3, 3)], "map",
            GraphWriter.Attribute("kernel_shape", 3, 3), GraphWriter.Attribute("pads", 1, 1, 1, 1));
        graph.Add("Relu", ["map"], "active");
        graph.Add("GlobalAveragePool", ["active"], "average");
        var row = pooled?.Invoke(graph, "average") ?? graph.Add("Flatten", ["average"], "pooled", GraphWriter.Attribute("axis", 1L));
        graph.Add("Gemm", [row, graph.Constant("fc", Numbers(Channels * Classes, 2), Channels, Classes)], "scores");
        graph.Output("scores", Any(batch), Classes);
        return Of(graph.Graph);
    }

    /// <summary>A model of a graph.</summary>
    public static ModelProto Of(GraphProto graph) => new()
    {
        IrVersion = 8, ProducerName = "made up", Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
    };

    /// <summary>Writes a model.</summary>
    public static string Write(this ModelProto model, TemporaryFolder folder, string name = "teacher.onnx")
    {
        File.WriteAllBytes(folder[name], model.ToByteArray());
        return folder[name];
    }

    public static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.4))];
    }

    private static Dimension Any(int? batch) => batch is { } images ? images : "batch";
}
