using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx;

/// <summary>Makes an exported graph one of fp16: half the size. Inputs, outputs and the normalisation stay in fp32.</summary>
internal static class HalfPrecision
{
    /// <summary>The graph in fp16.</summary>
    /// <param name="model">A graph that <see cref="OnnxExport"/> makes; it is left as it is.</param>
    public static ModelProto Of(ModelProto model)
    {
        var half = model.Clone();
        var graph = half.Graph;
        var end = graph.Node.Index().Single(pair => pair.Item.Output.Contains(InputGraph.Normalised)).Index;
        var network = graph.Node.Skip(end + 1).ToList();
        foreach (var constant in network.SelectMany(node => node.Input).Distinct()
            .Join(graph.Initializer, name => name, one => one.Name, (_, one) => one).Where(one => one.DataType == (int)DataType.Float))
        {
            var values = MemoryMarshal.Cast<byte, float>(constant.RawData.Span);
            var halves = new Half[values.Length];
            for (var i = 0; i < halves.Length; i++) halves[i] = (Half)values[i];
            (constant.DataType, constant.RawData) = ((int)DataType.Float16, ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves)));
        }
        var outputs = graph.Output.Select(output => output.Name).ToHashSet();
        foreach (var node in network)
        {
            for (var i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == InputGraph.Normalised || outputs.Contains(node.Input[i])) node.Input[i] += "-half";
            for (var i = 0; i < node.Output.Count; i++)
                if (outputs.Contains(node.Output[i])) node.Output[i] += "-half";
        }
        graph.Node.Insert(end + 1, Cast(InputGraph.Normalised, $"{InputGraph.Normalised}-half", DataType.Float16));
        graph.Node.AddRange(outputs.Select(name => Cast($"{name}-half", name, DataType.Float)));
        return half;
    }

    private static NodeProto Cast(string from, string to, DataType type) => new()
    {
        OpType = "Cast", Name = $"{to}-cast", Input = { from }, Output = { to }, Attribute = { GraphWriter.Attribute("to", (long)type) },
    };
}
