using System.Runtime.InteropServices;
using global::Onnx;
using DataType = global::Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx.Teachers;

/// <summary>What the first nodes of a graph do with its images, as far as it is arithmetic with constants.</summary>
/// <param name="Scale">What pixels are multiplied by, averaged over channels.</param>
/// <param name="Shift">What is added then.</param>
/// <param name="Normalises">Whether there was such arithmetic.</param>
/// <param name="ChannelsLast">Whether they bring the channels to the front.</param>
internal sealed record LeadingNodes(double Scale, double Shift, bool Normalises, bool ChannelsLast)
{
    /// <summary>Whether pixels from 0 to 255 are wanted, and not such from 0 to 1.</summary>
    /// <remarks>Normalised pixels are a few units large. A scale as small as 1/255 or a shift as large as a mean of pixels says
    /// it.</remarks>
    public bool WantsPixels => Math.Abs(Scale) <= 0.1 || Math.Abs(Shift) > 10;

    /// <summary>Follows an input as long as one node alone reads it.</summary>
    public static LeadingNodes Of(GraphProto graph, string input)
    {
        var found = new LeadingNodes(1, 0, false, false);
        var (current, readers) = (input, graph.Node.SelectMany(node => node.Input.Distinct().Select(name => (name, node)))
            .ToLookup(pair => pair.name, pair => pair.node));
        while (readers[current].ToList() is [{ Output.Count: 1 } node])
        {
            if (node.OpType is "Transpose" && node.Attribute.FirstOrDefault(one => one.Name == "perm")?.Ints is [0, 3, 1, 2])
                found = found with { ChannelsLast = true };
            else if (node.OpType is "Sub" or "Add" or "Mul" or "Div" && node.Input.Count == 2
                && Mean(graph, node.Input[node.Input[0] == current ? 1 : 0]) is { } number)
            {
                if (node.Input[1] == current && node.OpType is "Sub" or "Div" && node.Input[0] != current) break;
                found = found.Then(node.OpType, number);
            }
            else if (node.OpType is not ("Cast" or "Identity")) break;
            current = node.Output[0];
        }
        return found;
    }

    /// <summary>The mean of a constant's numbers; null where it isn't one of fp32.</summary>
    private static double? Mean(GraphProto graph, string name)
    {
        var tensor = graph.Initializer.FirstOrDefault(one => one.Name == name)
            ?? graph.Node.FirstOrDefault(node => node.OpType == "Constant" && node.Output.Contains(name))
                ?.Attribute.FirstOrDefault(one => one.Name == "value")?.T;
        if (tensor is null || (DataType)tensor.DataType != DataType.Float) return null;
        var numbers = tensor.RawData.Length > 0 ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        return numbers.Length == 0 ? null : numbers.Average(one => (double)one);
    }

    private LeadingNodes Then(string operation, double number) => operation switch
    {
        "Sub" => this with { Shift = Shift - number, Normalises = true },
        "Add" => this with { Shift = Shift + number, Normalises = true },
        "Mul" => this with { Scale = Scale * number, Shift = Shift * number, Normalises = true },
        _ => this with { Scale = Scale / number, Shift = Shift / number, Normalises = true },
    };
}
