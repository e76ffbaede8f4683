using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>A network that says once what its layers are: it runs by that, and folds its batch norms by it.</summary>
internal abstract class LayeredNetwork : EmbeddingNetwork
{
    private readonly Lazy<Step[]> steps;
    private readonly Lazy<IReadOnlyList<NetworkLayer>> layers;

    /// <inheritdoc cref="EmbeddingNetwork(string, int, NetworkOptions)"/>
    protected LayeredNetwork(string architecture, int embeddingSize, NetworkOptions options) : base(architecture, embeddingSize, options)
    {
        steps = new Lazy<Step[]>(Plan);
        layers = new Lazy<IReadOnlyList<NetworkLayer>>(() =>
            [.. steps.Value.Select(step => step.Layer), Classifier(steps.Value[^1].Layer)]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NetworkLayer> Layers => layers.Value;

    /// <summary>The convolutions, each once, and the batch norms that belong to them and to nothing else.</summary>
    internal IEnumerable<(MixedPrecisionConv2d Convolution, BatchNormalisation? Norm)> Convolutions => Layers.OfType<ConvolutionLayer>()
        .GroupJoin(Layers.OfType<BatchNormLayer>(), layer => layer.Module, norm => norm.Convolution,
            (layer, norms) => (layer.Module, norms.SingleOrDefault()?.Module));

    /// <summary>The layers from the images to the embedding.</summary>
    /// <param name="images">Where they begin.</param>
    /// <param name="maps">Takes the layers whose outputs are feature maps.</param>
    protected abstract NetworkLayer Describe(NetworkLayer images, ICollection<NetworkLayer> maps);

    /// <inheritdoc/>
    protected sealed override Tensor Embed(Tensor input, IList<Tensor>? maps) => Run(input, maps, new LayerMode(training));

    /// <inheritdoc/>
    protected sealed override Tensor EmbedWith(Tensor input, IReadOnlyDictionary<string, Tensor> parameters)
    {
        var given = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, own) in named_parameters().Where(pair => !IsOfClassifier(pair.name))) given[own] = parameters[name];
        return Run(input, null, new LayerMode(training, own => given[own]));
    }

    /// <inheritdoc/>
    protected sealed override void FreezeLayers()
    {
        foreach (var (convolution, norm) in Convolutions) convolution.Freeze(norm);
    }

    /// <summary>Groups of blocks; a group after the first begins at half the size.</summary>
    /// <param name="inputs">Channels before the first group.</param>
    /// <param name="channels">Channels of each group.</param>
    /// <param name="blocks">Blocks of a group.</param>
    /// <param name="make">Makes a block from its input channels, its output channels and its stride.</param>
    private protected static ModuleList<ModuleList<T>> Groups<T>(int inputs, int[] channels, int blocks, Func<int, int, int, T> make)
        where T : LayerBlock
    {
        var groups = new ModuleList<ModuleList<T>>();
        foreach (var outputs in channels)
        {
            var group = new ModuleList<T>();
            for (var i = 0; i < blocks; i++) group.Add(make(i == 0 ? inputs : outputs, outputs, i == 0 && groups.Count > 0 ? 2 : 1));
            groups.Add(group);
            inputs = outputs;
        }
        return groups;
    }

    /// <summary>The layers of some blocks, one after the other; the last one's output is a feature map.</summary>
    private protected static NetworkLayer Group(NetworkLayer x, IEnumerable<LayerBlock> blocks, ICollection<NetworkLayer> maps)
    {
        foreach (var block in blocks) x = block.After(x);
        maps.Add(x);
        return x;
    }

    /// <summary>Channels times a width, rounded to the nearest whole number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The width isn't from 0.05 to 4.</exception>
    private protected static int Scale(int channels, double width)
    {
        if (!(width is >= 0.05 and <= 4)) throw new ArgumentOutOfRangeException(nameof(width), width, "It must be from 0.05 to 4.");
        return (int)Math.Round(channels * width);
    }

    private Tensor Run(Tensor images, IList<Tensor>? maps, LayerMode mode)
    {
        var plan = steps.Value;
        var outputs = new Tensor[plan.Length];
        outputs[0] = images;
        for (var i = 1; i < plan.Length; i++)
        {
            outputs[i] = plan[i].Layer.Run(Array.ConvertAll(plan[i].Inputs, input => outputs[input]),
                mode with { Overwrite = plan[i].Overwrite });
            if (plan[i].IsMap) maps?.Add(outputs[i]);
            foreach (var last in plan[i].LastRead)
                if (!(plan[last].IsMap && maps is not null) && !ReferenceEquals(outputs[last], outputs[i])) outputs[last].Dispose();
        }
        return outputs[^1];
    }

    private Step[] Plan()
    {
        var maps = new HashSet<NetworkLayer>();
        var places = new Dictionary<NetworkLayer, int>();
        var order = new List<NetworkLayer>();
        void Add(NetworkLayer layer)
        {
            if (places.ContainsKey(layer)) return;
            foreach (var input in layer.Inputs) Add(input);
            places[layer] = order.Count;
            order.Add(layer);
        }
        Add(Describe(new ImagesLayer(), maps));
        var readers = order.SelectMany(layer => layer.Inputs).CountBy(input => input).ToDictionary();
        // The images are the caller's.
        var lastRead = order.SelectMany((layer, i) => layer.Inputs.Select(input => (Input: places[input], Reader: i)))
            .Where(pair => pair.Input > 0).GroupBy(pair => pair.Input, pair => pair.Reader)
            .ToLookup(those => those.Max(), those => those.Key);
        return [.. order.Select((layer, i) => new Step(layer, [.. layer.Inputs.Select(input => places[input])], [.. lastRead[i]],
            layer.Inputs.ToList().FindLastIndex(input => readers[input] == 1 && !input.KeepsOutput && !maps.Contains(input)),
            maps.Contains(layer)))];
    }

    /// <param name="Layer">What is done.</param>
    /// <param name="Inputs">The steps that it reads.</param>
    /// <param name="LastRead">Those whose outputs nothing reads afterwards.</param>
    /// <param name="Overwrite">Which of the inputs nothing else needs, not even going back; negative where there is none.</param>
    /// <param name="IsMap">Whether the output is a feature map.</param>
    private sealed record Step(NetworkLayer Layer, int[] Inputs, int[] LastRead, int Overwrite, bool IsMap);
}

/// <summary>Modules of a network that stand for some layers.</summary>
internal abstract class LayerBlock() : nn.Module(nameof(LayerBlock))
{
    /// <summary>Its layers after some others.</summary>
    public abstract NetworkLayer After(NetworkLayer input);
}
