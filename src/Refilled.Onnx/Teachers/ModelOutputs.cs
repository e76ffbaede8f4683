using global::Onnx;
using Refilled.Teachers;

namespace Refilled.Onnx.Teachers;

/// <summary>The tensors of a model that a teacher gives.</summary>
/// <param name="Embedding">Name of the embedding.</param>
/// <param name="From">Why it is that one.</param>
/// <param name="Logits">Name of the logits; null where there are none.</param>
internal sealed record ModelOutputs(string Embedding, string From, string? Logits)
{
    private const string EmbeddingName = "embedding", LogitsName = "logits";

    /// <summary>Operators that only change how a tensor is laid out.</summary>
    private static readonly string[] Shaping = ["Flatten", "Reshape", "Dropout", "Squeeze", "Identity"];

    /// <summary>Chooses them.</summary>
    /// <param name="file">The model.</param>
    /// <param name="settings">What its user says of it.</param>
    /// <param name="asked">The tensor that the user has named as the embedding; null where none.</param>
    /// <exception cref="InputException">There is no such tensor, or none that could be an embedding.</exception>
    public static ModelOutputs Of(OnnxFile file, TeacherSettings settings, string? asked)
    {
        var graph = file.Model.Graph;
        var (embedding, from) = (asked, settings.Embedding) switch
        {
            ({ } named, _) => (Known(file, named), "named"),
            (_, { } said) => (Known(file, said), $"from {settings.Named(file.Path)}"),
            _ => Usual(graph) ?? throw OnnxFault.Of(file.Path,
                "it has no pooling and no linear layer that would show its embedding (name a tensor of it, as in file.onnx#tensor)"),
        };
        var logits = settings.Logits is { } own ? Known(file, own) : UsualLogits(graph);
        return new ModelOutputs(embedding, from, logits == embedding ? null : logits);
    }

    /// <summary>Tensors that may be an embedding, in the order of the graph, each with what makes it one.</summary>
    public static IReadOnlyList<(string Name, string What)> Candidates(GraphProto graph)
    {
        var found = new List<(string Name, string What)>();
        var made = graph.Node.SelectMany(node => node.Output).ToHashSet();
        foreach (var node in graph.Node)
        {
            if (IsPooling(node)) found.Add((Shaped(graph, node.Output[0]), $"{node.OpType}, its output"));
            if (IsLinear(graph, node) && made.Contains(node.Input[0])) found.Add((node.Input[0], $"{node.OpType}, its input"));
        }
        found.AddRange(graph.Output.Where(output => made.Contains(output.Name)).Select(output => (output.Name, "an output")));
        return [.. found.DistinctBy(one => one.Name)];
    }

    private static (string, string)? Usual(GraphProto graph)
    {
        if (graph.Output.Any(output => output.Name == EmbeddingName)) return (EmbeddingName, "the output of that name");
        var made = graph.Node.SelectMany(node => node.Output).ToHashSet();
        if (graph.Node.LastOrDefault(node => IsLinear(graph, node) && made.Contains(node.Input[0])) is { } linear)
            return (linear.Input[0], $"the input of the last {linear.OpType}");
        if (graph.Node.LastOrDefault(IsPooling) is { } pooling)
            return (Shaped(graph, pooling.Output[0]), $"the output of the last {pooling.OpType}");
        return null;
    }

    private static string? UsualLogits(GraphProto graph)
    {
        if (graph.Output.Any(output => output.Name == LogitsName)) return LogitsName;
        if (graph.Node.LastOrDefault(node => IsLinear(graph, node)) is not { } linear) return null;
        var name = linear.Output[0];
        // A product and a sum are a linear layer, too.
        if (graph.Node.Where(node => node.Input.Contains(name)).ToList() is [{ OpType: "Add" } sum]) name = sum.Output[0];
        var ends = graph.Node.Where(node => node.Input.Contains(name)).ToList();
        return ends.Count == 0 || ends.All(node => node.OpType is "Softmax" or "LogSoftmax" or "Identity") ? name : null;
    }

    /// <summary>A matrix of the file's own as the second factor: a layer, and not attention.</summary>
    private static bool IsLinear(GraphProto graph, NodeProto node) => node.OpType is "Gemm" or "MatMul" && node.Input.Count >= 2
        && IsConstant(graph, node.Input[1]);

    private static bool IsConstant(GraphProto graph, string name) => graph.Initializer.Any(tensor => tensor.Name == name)
        || graph.Node.Any(node => node.Output.Contains(name)
            && (node.OpType == "Constant" || (node.OpType is "Identity" or "Transpose" or "Cast" or "DequantizeLinear"
                && IsConstant(graph, node.Input.FirstOrDefault() ?? ""))));

    private static bool IsPooling(NodeProto node) => node.OpType is "GlobalAveragePool" or "AveragePool" or "ReduceMean"
        && node.Output.Count > 0;

    /// <summary>What the nodes behind a tensor make of it that only lay it out otherwise.</summary>
    private static string Shaped(GraphProto graph, string name)
    {
        while (graph.Node.Where(node => node.Input.Contains(name)).ToList() is [{ Output.Count: > 0 } node] && Shaping.Contains(node.OpType)
            && node.Input[0] == name)
            name = node.Output[0];
        return name;
    }

    private static string Known(OnnxFile file, string name)
    {
        var made = file.Model.Graph.Node.SelectMany(node => node.Output).Where(one => one.Length > 0).ToList();
        return made.Contains(name) ? name
            : throw new InputException($"'{file.Path}' has no tensor '{name}'.{NearestName.Hint(name, made)} "
                + $"'refilled teacher inspect {file.Path}' lists those that may be an embedding.");
    }
}
