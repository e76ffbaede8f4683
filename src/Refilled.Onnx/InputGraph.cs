using global::Onnx;
using Refilled.Networks;

namespace Refilled.Onnx;

/// <summary>The first part of an exported graph: from the caller's pixels to normalised images.</summary>
internal static class InputGraph
{
    /// <summary>Name of the input.</summary>
    public const string Images = "images";

    /// <summary>Name of what the network's first layer reads.</summary>
    public const string Normalised = "normalised";

    /// <summary>Adds it.</summary>
    /// <param name="graph">Where it is added.</param>
    /// <param name="input">What the network wants to see.</param>
    /// <param name="kind">What the caller gives.</param>
    /// <returns>Name of the normalised images, fp32 <c>[N, C, H, W]</c>.</returns>
    public static string Write(GraphWriter graph, InputSpec input, OnnxInput kind)
    {
        var channels = input.Channels;
        var pixels = kind == OnnxInput.AnySize
            ? Resized(graph, graph.Input(Images, TensorProto.Types.DataType.Uint8, "batch", channels, "height", "width"), input)
            : graph.Input(Images, TensorProto.Types.DataType.Float, "batch", channels, input.Height, input.Width);
        var scale = graph.Constant("scale", [.. input.Std.Select(std => (float)(1 / (255 * std)))], 1, channels, 1, 1);
        var shift = graph.Constant("shift", [.. input.Mean.Zip(input.Std, (mean, std) => (float)(-mean / std))], 1, channels, 1, 1);
        return graph.Add("Add", [graph.Add("Mul", [pixels, scale]), shift], Normalised);
    }

    /// <summary>As the evaluation view: the middle square at the network's size, or the middle of an image kept larger.</summary>
    private static string Resized(GraphWriter graph, string images, InputSpec input)
    {
        var floats = graph.Add("Cast", [images], null, GraphWriter.Attribute("to", (long)TensorProto.Types.DataType.Float));
        var sides = graph.Add("Shape", [images], null, GraphWriter.Attribute("start", 2L));
        var shorter = graph.Add("ReduceMin", [sides], null, GraphWriter.Attribute("keepdims", 1L));
        var size = graph.Whole(input.Height, input.Width);
        if (input.ShortSide == input.Height) return Pixels(graph, Scaled(graph, Middle(graph, floats, sides, shorter), size));
        // round(side · short side / shorter), in whole numbers.
        var doubled = graph.Add("Mul", [sides, graph.Whole(2 * input.ShortSide)]);
        var lengths = graph.Add("Div", [graph.Add("Add", [doubled, shorter]), graph.Add("Mul", [shorter, graph.Whole(2)])]);
        return Middle(graph, Pixels(graph, Scaled(graph, floats, lengths)), lengths, size);
    }

    private static string Scaled(GraphWriter graph, string images, string lengths)
    {
        var rest = graph.Add("Shape", [images], null, GraphWriter.Attribute("start", 0L), GraphWriter.Attribute("end", 2L));
        var sizes = graph.Add("Concat", [rest, lengths], null, GraphWriter.Attribute("axis", 0L));
        return graph.Add("Resize", [images, "", "", sizes], null, GraphWriter.Attribute("mode", "linear"),
            GraphWriter.Attribute("antialias", 1L), GraphWriter.Attribute("coordinate_transformation_mode", "half_pixel"));
    }

    private static string Middle(GraphWriter graph, string images, string sides, string size)
    {
        var start = graph.Add("Div", [graph.Add("Sub", [sides, size]), graph.Whole(2)]);
        return graph.Add("Slice", [images, start, graph.Add("Add", [start, size]), graph.Whole(2, 3)]);
    }

    /// <summary>Whole numbers, as pixels are in training.</summary>
    private static string Pixels(GraphWriter graph, string images) => graph.Add("Round", [images]);
}

/// <summary>What an exported network is given.</summary>
public enum OnnxInput
{
    /// <summary>fp32 <c>[N, C, H, W]</c> of the network's own size, red, green, blue, from 0 to 255.</summary>
    Pixels,

    /// <summary>uint8 <c>[N, C, h, w]</c> of any size; the graph resizes and cuts as our evaluation does.</summary>
    AnySize,
}
