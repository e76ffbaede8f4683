using Refilled.Networks;
using Refilled.Networks.Layers;
using static TorchSharp.torch;

namespace Refilled.Onnx;

/// <summary>The layers of a network as nodes of a graph.</summary>
internal sealed class NetworkGraph
{
    /// <summary>Names of the outputs.</summary>
    public const string Embedding = "embedding", Logits = "logits", Probabilities = "probabilities";

    private readonly GraphWriter graph;
    private readonly EmbeddingNetwork network;
    private readonly Dictionary<NetworkLayer, string> names = [];
    private readonly ILookup<NetworkLayer, NetworkLayer> readers;

    private NetworkGraph(GraphWriter graph, EmbeddingNetwork network)
    {
        (this.graph, this.network) = (graph, network);
        readers = network.Layers.SelectMany(layer => layer.Inputs.Select(input => (input, layer)))
            .ToLookup(pair => pair.input, pair => pair.layer);
    }

    /// <summary>Adds the network behind normalised images.</summary>
    /// <param name="graph">Where it is added.</param>
    /// <param name="network">The network; it says what its layers are.</param>
    /// <param name="images">Name of the normalised images.</param>
    /// <param name="temperature">What logits are divided by before they become probabilities.</param>
    /// <exception cref="InputException">The network doesn't say what its layers are.</exception>
    public static void Write(GraphWriter graph, EmbeddingNetwork network, string images, double temperature)
    {
        if (network.Layers is not [.., LinearLayer last])
            throw new InputException($"The network {network.Architecture} doesn't say what its layers are, so that it can't be exported.");
        var writer = new NetworkGraph(graph, network);
        foreach (var layer in network.Layers) writer.names[layer] = writer.Node(layer, images);
        var logits = writer.names[last];
        var divided = temperature == 1 ? logits
            : graph.Add("Div", [logits, graph.Constant("temperature", [(float)temperature])]);
        graph.Add("Softmax", [divided], Probabilities, GraphWriter.Attribute("axis", 1L));
        graph.Output(Probabilities, "batch", network.Classes);
        graph.Output(Logits, "batch", network.Classes);
        graph.Output(Embedding, "batch", network.EmbeddingSize);
    }

    private string Node(NetworkLayer layer, string images)
    {
        var inputs = layer.Inputs.Select(input => names[input]).ToArray();
        var last = network.Layers[^1];
        // What the classifier reads is the embedding.
        var name = layer == last ? Logits : layer == last.Inputs[0] ? Embedding : null;
        return layer switch
        {
            ImagesLayer => images,
            ConvolutionLayer convolution => readers[convolution].ToList() is [BatchNormLayer norm]
                ? Convolution(convolution, inputs[0], norm) : Convolution(convolution, inputs[0], null),
            // Its convolution holds it already.
            BatchNormLayer norm when IsFolded(norm) => inputs[0],
            BatchNormLayer norm => graph.Add("BatchNormalization",
                [inputs[0], Constant(norm.Weight), Constant(norm.Bias), Constant(norm.Mean), Constant(norm.Variance)], null,
                GraphWriter.Attribute("epsilon", norm.Epsilon)),
            ActivationLayer activation => Activated(activation, inputs),
            HardSigmoidLayer => graph.Add("HardSigmoid", inputs, null,
                GraphWriter.Attribute("alpha", 1.0 / 6), GraphWriter.Attribute("beta", 0.5)),
            HardSwishLayer => graph.Add("HardSwish", inputs, name),
            ChannelMeanLayer => graph.Add("GlobalAveragePool", inputs),
            GatedLayer => graph.Add("Mul", inputs),
            DropoutLayer => inputs[0],
            MaxPoolLayer pool => graph.Add("MaxPool", inputs, null, GraphWriter.Attribute("kernel_shape", pool.Size, pool.Size),
                GraphWriter.Attribute("strides", pool.Stride, pool.Stride),
                GraphWriter.Attribute("pads", pool.Padding, pool.Padding, pool.Padding, pool.Padding)),
            EverySecondLayer every => EverySecond(every, inputs[0]),
            SumLayer => graph.Add("Add", inputs),
            ReadoutLayer readout => Read(readout, inputs[0], name),
            LinearLayer linear => graph.Add("Gemm", [inputs[0], Constant(linear.Weight), Constant(linear.Bias)], name,
                GraphWriter.Attribute("transB", 1L)),
            _ => throw new InputException($"The network {network.Architecture} has a layer that can't be exported: "
                + $"{layer.GetType().Name}."),
        };
    }

    private bool IsFolded(BatchNormLayer norm) => norm.Inputs[0] is ConvolutionLayer convolution && readers[convolution].Count() == 1;

    private string Convolution(ConvolutionLayer layer, string input, BatchNormLayer? norm)
    {
        var (weight, shape) = (Numbers(layer.Weight), layer.Weight.shape);
        var inputs = new List<string> { input };
        if (norm is not null)
        {
            var factors = Numbers(norm.Weight).Zip(Numbers(norm.Variance), (w, v) => w / Math.Sqrt(v + norm.Epsilon)).ToArray();
            var added = layer.Bias is { } own ? Numbers(own) : new float[factors.Length];
            var bias = Numbers(norm.Bias).Zip(Numbers(norm.Mean).Zip(added, (m, a) => (double)m - a), (b, m) => (b, m))
                .Zip(factors, (pair, f) => (float)(pair.b - pair.m * f));
            var each = weight.Length / factors.Length;
            for (var i = 0; i < weight.Length; i++) weight[i] = (float)(weight[i] * factors[i / each]);
            inputs.AddRange([Constant(weight, shape), Constant([.. bias], [shape[0]])]);
        }
        else
        {
            inputs.Add(Constant(weight, shape));
            if (layer.Bias is { } bias) inputs.Add(Constant(bias));
        }
        return graph.Add("Conv", [.. inputs], null,
            GraphWriter.Attribute("kernel_shape", shape[2], shape[3]), GraphWriter.Attribute("strides", layer.Stride, layer.Stride),
            GraphWriter.Attribute("pads", layer.Padding, layer.Padding, layer.Padding, layer.Padding),
            GraphWriter.Attribute("group", (long)layer.Groups));
    }

    private string EverySecond(EverySecondLayer layer, string input)
    {
        var pixels = graph.Add("Slice", [input, graph.Whole(0, 0), graph.Whole(long.MaxValue, long.MaxValue), graph.Whole(2, 3),
            graph.Whole(2, 2)]);
        return layer.Before + layer.After == 0 ? pixels
            : graph.Add("Pad", [pixels, graph.Whole(0, layer.Before, 0, 0, 0, layer.After, 0, 0)]);
    }

    private string Activated(ActivationLayer layer, string[] inputs)
    {
        var activated = layer.Slope == 0 ? graph.Add("Relu", inputs)
            : graph.Add("LeakyRelu", inputs, null, GraphWriter.Attribute("alpha", layer.Slope));
        return double.IsPositiveInfinity(layer.Most) ? activated
            : graph.Add("Min", [activated, graph.Constant($"most-{graph.Graph.Initializer.Count}", [(float)layer.Most])]);
    }

    private string Read(ReadoutLayer layer, string input, string? name)
    {
        var pooled = layer.How switch
        {
            Readout.Averaged => graph.Add("GlobalAveragePool", [input]),
            Readout.MaxPooled => graph.Add("GlobalMaxPool", [input]),
            _ => input,
        };
        return graph.Add("Flatten", [pooled], name, GraphWriter.Attribute("axis", 1L));
    }

    private string Constant(Tensor tensor) => Constant(Numbers(tensor), tensor.shape);

    private string Constant(float[] values, long[] shape) => graph.Constant($"weight-{graph.Graph.Initializer.Count}", values, shape);

    private static float[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().contiguous().data<float>().ToArray();
    }
}
