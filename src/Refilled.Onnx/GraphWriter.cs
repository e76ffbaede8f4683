using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;

namespace Refilled.Onnx;

/// <summary>A graph that grows node by node; each is named by what it does and its place.</summary>
internal sealed class GraphWriter
{
    private int nodes;

    /// <summary>The graph so far.</summary>
    public GraphProto Graph { get; } = new() { Name = "refilled" };

    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="shape">Sizes; a name stands for any size.</param>
    public string Input(string name, TensorProto.Types.DataType type, params Dimension[] shape)
    {
        Graph.Input.Add(Value(name, type, shape));
        return name;
    }

    /// <summary>Declares that a value of the graph is an output.</summary>
    public void Output(string name, params Dimension[] shape) => Graph.Output.Add(Value(name, TensorProto.Types.DataType.Float, shape));

    /// <summary>A tensor of numbers that never change.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        var tensor = new TensorProto
        {
            Name = name, DataType = (int)TensorProto.Types.DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.AddRange(shape);
        Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>A row of whole numbers.</summary>
    public string Whole(params long[] values)
    {
        var name = $"whole-{string.Join('_', values)}";
        if (Graph.Initializer.Any(known => known.Name == name)) return name;
        var tensor = new TensorProto
        {
            Name = name, DataType = (int)TensorProto.Types.DataType.Int64,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<long>(values)),
        };
        tensor.Dims.Add(values.Length);
        Graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">Names of what it reads; an empty one stands for an input that is left out.</param>
    /// <param name="name">Name of its output. Default: made up.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>Name of its output.</returns>
    public string Add(string operation, string[] inputs, string? name = null, params AttributeProto[] attributes)
    {
        nodes++;
        var node = new NodeProto { OpType = operation, Name = $"{operation}-{nodes}" };
        node.Input.AddRange(inputs);
        node.Output.Add(name ?? $"{operation}-{nodes}");
        node.Attribute.AddRange(attributes);
        Graph.Node.Add(node);
        return node.Output[0];
    }

    /// <summary>An attribute of whole numbers.</summary>
    public static AttributeProto Attribute(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>An attribute of one whole number.</summary>
    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>An attribute of one number.</summary>
    public static AttributeProto Attribute(string name, double value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    /// <summary>An attribute that is a word.</summary>
    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, Dimension[] shape)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange(shape.Select(one => one.Name is null
            ? new TensorShapeProto.Types.Dimension { DimValue = one.Size }
            : new TensorShapeProto.Types.Dimension { DimParam = one.Name }));
        return new ValueInfoProto
        {
            Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = sizes } },
        };
    }
}

/// <summary>A size of a tensor: a number, or a name where it may be any.</summary>
internal readonly record struct Dimension(long Size, string? Name = null)
{
    public static implicit operator Dimension(long size) => new(size);

    public static implicit operator Dimension(string name) => new(0, name);
}
