using System.Globalization;
using global::Onnx;
using Refilled.Weights;

namespace Refilled.Onnx.Teachers;

/// <summary>What a model is made of, as far as a teacher is concerned.</summary>
/// <param name="Input">Name, type and shape of its input.</param>
/// <param name="Tensors">Those that may be the embedding, in the order of the graph.</param>
/// <param name="Outputs">Names and shapes of its outputs.</param>
internal sealed record OnnxInspection(string Input, IReadOnlyList<TensorFacts> Tensors, IReadOnlyList<TensorFacts> Outputs)
{
    /// <summary>Most candidates that are looked at: the last ones of the graph.</summary>
    private const int MostTensors = 16;

    /// <summary>Looks at a model that was opened, by running it once.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="teacher">The teacher that was made of it.</param>
    public static OnnxInspection Of(NetworkPlace place, OnnxTeacher teacher)
    {
        var file = OnnxFile.Read(place.File);
        var graph = file.Model.Graph;
        var candidates = ModelOutputs.Candidates(graph).TakeLast(MostTensors).ToList();
        var made = graph.Node.SelectMany(node => node.Output).ToHashSet();
        var outputs = graph.Output.Select(output => output.Name).Where(made.Contains).ToList();
        string[] all = [.. candidates.Select(one => one.Name).Concat(outputs).Append(teacher.Outputs.Embedding).Distinct()];
        var looked = ModelRunner.Look(file, teacher.Input, all)
            .ToDictionary(one => one.Name, one => one.Shape[Math.Min(1, one.Shape.Length)..]);
        if (candidates.All(one => one.Name != teacher.Outputs.Embedding)) candidates.Add((teacher.Outputs.Embedding, "named"));
        var declared = graph.Input.Single(input => input.Name == teacher.Input.Name).Type.TensorType.Shape.Dim.Select(Side);
        return new OnnxInspection($"{teacher.Input.Name}, {teacher.Input.Type} [{string.Join(", ", declared)}]",
            [.. candidates.Select(one => new TensorFacts(one.Name, looked[one.Name], one.What, one.Name == teacher.Outputs.Embedding))],
            [.. outputs.Select(name => new TensorFacts(name, looked[name], "an output", name == teacher.Outputs.Embedding))]);
    }

    private static string Side(TensorShapeProto.Types.Dimension side) => side.DimParam.Length > 0 ? side.DimParam
        : side.DimValue > 0 ? side.DimValue.ToString(CultureInfo.InvariantCulture) : "any";
}

/// <summary>A tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sides for one image.</param>
/// <param name="What">What it is there.</param>
/// <param name="IsEmbedding">Whether it is taken as the embedding.</param>
internal sealed record TensorFacts(string Name, IReadOnlyList<long> Shape, string What, bool IsEmbedding);
