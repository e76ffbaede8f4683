using System.Runtime.InteropServices;
using Google.Protobuf;
using global::Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Refilled.Onnx;

/// <summary>Makes an exported graph one of whole numbers: int8 weights, one scale a channel, and uint8 activations.</summary>
/// <remarks>Static, by ranges that were seen on training images, as pairs of QuantizeLinear and DequantizeLinear, which runtimes fuse with
/// the operations between them (Jacob et al., CVPR 2018). Batch norms that stand alone become depthwise convolutions of one pixel. The
/// classifier and what is before the first convolution stay in fp32.</remarks>
internal sealed class Quantiser
{
    private static readonly string[] Summing = ["Conv", "Add"];

    private readonly ModelProto model;
    private readonly GraphProto graph;
    private readonly Dictionary<string, TensorProto> constants;
    private readonly ILookup<string, NodeProto> readers;
    private readonly List<NodeProto> written = [];
    private readonly HashSet<string> pairs = [];
    private Dictionary<string, (float Low, float High)> ranges = [];

    /// <param name="model">A graph that <see cref="OnnxExport"/> makes; it is left as it is.</param>
    public Quantiser(ModelProto model)
    {
        this.model = model.Clone();
        graph = this.model.Graph;
        foreach (var node in graph.Node.Where(node => node.OpType == "BatchNormalization").ToList()) Convolve(node);
        LeaveOutUnread();
        constants = graph.Initializer.ToDictionary(one => one.Name);
        readers = graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node);
    }

    /// <summary>The graph before anything is rounded.</summary>
    public ModelProto Plain => model;

    /// <summary>The tensors that are rounded, whose ranges are asked for.</summary>
    public IReadOnlyCollection<string> Rounded
    {
        get
        {
            var network = graph.Node.SkipWhile(node => !node.Output.Contains(InputGraph.Normalised)).Skip(1).ToList();
            var made = network.Where(node => Summing.Contains(node.OpType)).SelectMany(node => node.Output)
                .Where(output => readers[output].ToList() is [{ OpType: "Relu" or "Clip" }]).ToHashSet();
            return [.. network.SelectMany(node => node.OpType switch
            {
                "Conv" => node.Input.Take(1).Concat(node.Output),
                "Add" or "LeakyRelu" => node.Input.Concat(node.Output),
                "Relu" or "Clip" => node.Output,
                _ => Enumerable.Empty<string>(),
                // An activation takes part of it away anyway, and runtimes do both at once.
            }).Where(tensor => !constants.ContainsKey(tensor) && !made.Contains(tensor)).Distinct()];
        }
    }

    /// <summary>The graph of whole numbers. Call it once.</summary>
    /// <param name="seen">The range of each of <see cref="Rounded"/>.</param>
    public ModelProto Quantised(Dictionary<string, (float Low, float High)> seen)
    {
        ranges = seen;
        foreach (var node in graph.Node.ToList())
        {
            if (IsConvolution(node)) Round(node);
            for (var i = 0; i < node.Input.Count; i++)
                if (pairs.Contains(node.Input[i])) node.Input[i] += "-rounded";
            written.Add(node);
            foreach (var output in node.Output.Where(ranges.ContainsKey)) Pair(output);
        }
        graph.Node.Clear();
        graph.Node.AddRange(written);
        LeaveOutUnread();
        return model;
    }

    private void LeaveOutUnread()
    {
        var read = graph.Node.SelectMany(node => node.Input).ToHashSet();
        foreach (var unread in graph.Initializer.Where(one => !read.Contains(one.Name)).ToList()) graph.Initializer.Remove(unread);
    }

    private static bool IsConvolution(NodeProto node) => node.OpType == "Conv";

    /// <summary>A batch norm as a convolution of one pixel, each channel for itself.</summary>
    private void Convolve(NodeProto norm)
    {
        float[] Values(int input) => Floats(graph.Initializer.Single(one => one.Name == norm.Input[input]));
        var (weight, bias, mean, variance) = (Values(1), Values(2), Values(3), Values(4));
        var epsilon = norm.Attribute.Single(attribute => attribute.Name == "epsilon").F;
        var factors = weight.Zip(variance, (w, v) => w / Math.Sqrt(v + epsilon)).ToArray();
        var name = norm.Output[0];
        Constant($"{name}-factor", DataType.Float, MemoryMarshal.AsBytes<float>([.. factors.Select(f => (float)f)]),
            factors.Length, 1, 1, 1);
        Constant($"{name}-shift", DataType.Float, MemoryMarshal.AsBytes<float>(
            [.. factors.Select((f, c) => (float)(bias[c] - mean[c] * f))]), factors.Length);
        var (input, place) = (norm.Input[0], graph.Node.IndexOf(norm));
        var convolution = new NodeProto
            { OpType = "Conv", Name = norm.Name, Input = { input, $"{name}-factor", $"{name}-shift" }, Output = { name } };
        convolution.Attribute.Add(GraphWriter.Attribute("kernel_shape", 1, 1));
        convolution.Attribute.Add(GraphWriter.Attribute("group", (long)factors.Length));
        graph.Node[place] = convolution;
    }

    /// <summary>Rounds a convolution's weights, and its bias to the product of the scales.</summary>
    private void Round(NodeProto convolution)
    {
        var weight = constants[convolution.Input[1]];
        var (values, channels) = (Floats(weight), (int)weight.Dims[0]);
        var each = values.Length / channels;
        var scales = new float[channels];
        var rounded = new sbyte[values.Length];
        for (var c = 0; c < channels; c++)
        {
            var own = values.AsSpan(c * each, each);
            var most = 0f;
            foreach (var value in own) most = Math.Max(most, Math.Abs(value));
            scales[c] = most == 0 ? 1 : most / 127;
            for (var i = 0; i < each; i++) rounded[c * each + i] = (sbyte)Math.Clamp(MathF.Round(own[i] / scales[c]), -127, 127);
        }
        var (scale, _) = Step(convolution.Input[0]);
        if (convolution.Input.Count > 2)
        {
            var bias = Floats(constants[convolution.Input[2]]);
            var sums = scales.Select((own, c) =>
                (int)Math.Clamp(Math.Round(bias[c] / ((double)own * scale)), int.MinValue, int.MaxValue)).ToArray();
            convolution.Input[2] = Stepped(convolution.Input[2], DataType.Int32, MemoryMarshal.AsBytes<int>(sums),
                [.. scales.Select(own => own * scale)], [channels]);
        }
        convolution.Input[1] =
            Stepped(convolution.Input[1], DataType.Int8, MemoryMarshal.AsBytes<sbyte>(rounded), scales, [.. weight.Dims]);
    }

    /// <summary>Whole numbers, brought back by a scale for each of the first dimension.</summary>
    private string Stepped(string name, DataType type, ReadOnlySpan<byte> whole, float[] scales, long[] shape)
    {
        Constant($"{name}-whole", type, whole, shape);
        Constant($"{name}-scales", DataType.Float, MemoryMarshal.AsBytes<float>(scales), scales.Length);
        Constant($"{name}-zeros", type, new byte[scales.Length * (type == DataType.Int32 ? 4 : 1)], scales.Length);
        var node = new NodeProto
        {
            OpType = "DequantizeLinear", Name = $"{name}-back", Input = { $"{name}-whole", $"{name}-scales", $"{name}-zeros" },
            Output = { $"{name}-back" },
        };
        node.Attribute.Add(GraphWriter.Attribute("axis", 0L));
        written.Add(node);
        return $"{name}-back";
    }

    /// <summary>Rounds a tensor to one of 256 steps, and back.</summary>
    private void Pair(string tensor)
    {
        var (scale, zero) = Step(tensor);
        Constant($"{tensor}-scale", DataType.Float, MemoryMarshal.AsBytes<float>([scale]));
        Constant($"{tensor}-zero", DataType.Uint8, [zero]);
        string[] step = [$"{tensor}-scale", $"{tensor}-zero"];
        written.Add(new NodeProto
            { OpType = "QuantizeLinear", Name = $"{tensor}-steps", Input = { tensor, step[0], step[1] }, Output = { $"{tensor}-steps" } });
        written.Add(new NodeProto
            { OpType = "DequantizeLinear", Name = $"{tensor}-rounded", Input = { $"{tensor}-steps", step[0], step[1] },
                Output = { $"{tensor}-rounded" } });
        pairs.Add(tensor);
    }

    private (float Scale, byte Zero) Step(string tensor)
    {
        var (low, high) = ranges[tensor];
        var scale = Math.Max((high - low) / 255, 1e-12f);
        return (scale, (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255));
    }

    private void Constant(string name, DataType type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        graph.Initializer.Add(tensor);
    }

    private static float[] Floats(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
}
