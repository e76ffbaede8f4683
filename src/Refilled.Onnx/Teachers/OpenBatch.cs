using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>Makes a model that was exported for a number of images take any.</summary>
internal static class OpenBatch
{
    private const string AnyNumber = "batch";

    /// <summary>A model with a name in place of the number of images, in its input and where it reshapes.</summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="input">Name of its input.</param>
    /// <param name="images">The number of images that it was exported for.</param>
    public static ModelProto Of(ModelProto model, string input, int images)
    {
        var opened = model.Clone();
        var sides = opened.Graph.Input.Single(value => value.Name == input).Type.TensorType.Shape.Dim;
        sides[0] = new TensorShapeProto.Types.Dimension { DimParam = AnyNumber };
        // Shapes that follow from the old number, and would contradict the new one.
        opened.Graph.ValueInfo.Clear();
        var shapes = opened.Graph.Node.Where(node => node.OpType == "Reshape" && node.Input.Count == 2).Select(node => node.Input[1])
            .ToHashSet();
        foreach (var tensor in opened.Graph.Initializer.Where(tensor => shapes.Contains(tensor.Name))) Open(tensor, images);
        foreach (var node in opened.Graph.Node.Where(node => node.OpType == "Constant" && node.Output.Any(shapes.Contains)))
            if (node.Attribute.FirstOrDefault(one => one.Name == "value")?.T is { } tensor) Open(tensor, images);
        return opened;
    }

    /// <summary>A shape that begins with the number of images begins with that of its tensor.</summary>
    private static void Open(TensorProto shape, int images)
    {
        if ((DataType)shape.DataType != DataType.Int64) return;
        var sides = shape.RawData.Length > 0 ? MemoryMarshal.Cast<byte, long>(shape.RawData.Span).ToArray() : [.. shape.Int64Data];
        if (sides.Length < 2 || sides[0] != images) return;
        sides[0] = 0;
        shape.Int64Data.Clear();
        shape.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(sides));
    }
}
