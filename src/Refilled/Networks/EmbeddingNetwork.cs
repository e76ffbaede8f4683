using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>A network that embeds an image, then classifies the embedding.</summary>
public abstract class EmbeddingNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>The classifier W: <c>[C, d]</c> and its bias.</summary>
    private readonly Linear fc;

    /// <inheritdoc cref="EmbeddingNetwork"/>
    /// <param name="architecture">Catalogue name, such as "wrn-16-1".</param>
    /// <param name="embeddingSize">Size of the embedding, d.</param>
    /// <param name="options">Classes, input, precision and seed.</param>
    protected EmbeddingNetwork(string architecture, int embeddingSize, NetworkOptions options) : base(architecture)
    {
        Architecture = architecture;
        EmbeddingSize = embeddingSize;
        Options = options;
        fc = nn.Linear(embeddingSize, options.Classes);
        register_module(nameof(fc), fc);
    }

    /// <summary>Catalogue name, such as "wrn-16-1".</summary>
    public string Architecture { get; }

    /// <summary>Size of the embedding, d.</summary>
    public int EmbeddingSize { get; }

    /// <summary>What the network was made with.</summary>
    public NetworkOptions Options { get; }

    /// <summary>Number of classes, C.</summary>
    public int Classes => Options.Classes;

    /// <summary>What the network sees.</summary>
    public InputSpec Input => Options.Input;

    /// <summary>The device that holds the weights.</summary>
    public Device Device => fc.weight!.device;

    /// <summary>What the network does, step by step, from the normalised images to the logits: to be walked by an export.</summary>
    /// <remarks>Each step comes after those that it reads; the last one is a <see cref="LinearLayer"/> that reads the embedding. Empty
    /// where a network of the caller's doesn't say.</remarks>
    public virtual IReadOnlyList<NetworkLayer> Layers => [];

    /// <summary>Passes uint8 images <c>[B, C, H, W]</c> through the network and returns what was asked for, nothing else.</summary>
    /// <remarks>Training or evaluation behaviour follows <c>train()</c> and <c>eval()</c>.</remarks>
    /// <exception cref="ArgumentException">The images have another number of channels.</exception>
    /// <exception cref="InvalidOperationException">The network is frozen, but was put into training mode.</exception>
    public Signals Observe(Tensor images, Needs needs)
    {
        if (Frozen && training) throw new InvalidOperationException($"The network {Architecture} is frozen; it can't be trained any more.");
        using var scope = NewDisposeScope();
        var input = Input.Apply(images, Device, Options.Layout);
        if (Options.Precision == Precision.Bf16) input = input.to(ScalarType.BFloat16);
        var maps = new List<Tensor>();
        var embedding = Embed(input, needs.HasFlag(Needs.FeatureMaps) ? maps : null);
        var logits = needs.HasFlag(Needs.Logits) ? fc.call(embedding).MoveToOuterDisposeScope() : null;
        return new Signals(
            needs.HasFlag(Needs.Embedding) ? embedding.MoveToOuterDisposeScope() : null,
            logits,
            needs.HasFlag(Needs.FeatureMaps) ? [.. maps.Select(map => map.MoveToOuterDisposeScope())] : null);
    }

    /// <summary>Whether <see cref="Embed(Tensor, IReadOnlyDictionary{string, Tensor})"/> can be asked: a property of the family.</summary>
    public virtual bool TakesParameters => false;

    /// <summary>The embedding of images under parameters that the caller gives in place of the network's own.</summary>
    /// <remarks>Differentiable twice in them, as learning to learn needs (MAML: Finn et al., ICML 2017). Batch norms use the
    /// batch's own statistics, whatever the mode; nothing in the network changes.</remarks>
    /// <param name="images">uint8 <c>[B, C, H, W]</c>.</param>
    /// <param name="parameters">All of <c>named_parameters()</c> but the classifier's, by these names and in these shapes, fp32 (or all
    /// fp64, to check derivatives), on the network's device. Other entries, such as a classifier's, are not read.</param>
    /// <returns><c>[B, d]</c>, in the parameters' type.</returns>
    /// <exception cref="NotSupportedException">The family can't (<see cref="TakesParameters"/>), or the network computes in
    /// bf16.</exception>
    /// <exception cref="ArgumentException">A parameter is missing or of another shape; the images have another number of
    /// channels.</exception>
    public Tensor Embed(Tensor images, IReadOnlyDictionary<string, Tensor> parameters)
    {
        if (!TakesParameters)
            throw new NotSupportedException($"The network {Architecture} computes with its own parameters alone; "
                + "convnet-4 and convnet-4-flat can be given others.");
        if (Options.Precision != Precision.Fp32)
            throw new NotSupportedException(
                $"The network {Architecture} computes in {Options.Precision}; with given parameters it must be fp32.");
        var type = ScalarType.Float32;
        foreach (var (name, own) in named_parameters().Where(pair => !IsOfClassifier(pair.name)))
        {
            if (!parameters.TryGetValue(name, out var given))
                throw new ArgumentException($"The parameter '{name}' is missing.", nameof(parameters));
            if (!given.shape.SequenceEqual(own.shape))
                throw new ArgumentException(
                    $"The parameter '{name}' is [{string.Join(", ", given.shape)}], expected [{string.Join(", ", own.shape)}].",
                    nameof(parameters));
            type = given.dtype;
        }
        using var scope = NewDisposeScope();
        return EmbedWith(Input.Apply(images, Device, Options.Layout).to(type), parameters).MoveToOuterDisposeScope();
    }

    /// <summary>The logits <c>[B, C]</c> of uint8 images <c>[B, C, H, W]</c>.</summary>
    public override Tensor forward(Tensor input) => Observe(input, Needs.Logits).Logits;

    /// <summary>Whether <see cref="Freeze"/> was called.</summary>
    public bool Frozen { get; private set; }

    /// <summary>Fixes the network for good, on the device where it is: evaluation mode, no gradients.</summary>
    /// <remarks>Weights are kept in the precision that they compute in, and batch norms are folded into the convolutions before
    /// them where nothing else reads these.</remarks>
    public void Freeze()
    {
        eval();
        foreach (var parameter in parameters()) parameter.requires_grad = false;
        FreezeLayers();
        Frozen = true;
    }

    /// <summary>Draws the classifier anew, as the engine initialises a linear layer; a function of the seed.</summary>
    public void ResetClassifier(long seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator((ulong)seed);
        fc.weight!.copy_(Initialisation.LinearDefault([Classes, EmbeddingSize], EmbeddingSize, generator));
        fc.bias!.copy_(Initialisation.LinearDefault([Classes], EmbeddingSize, generator));
    }

    /// <summary>Gives the classifier weights <c>[C, d]</c> and a bias <c>[C]</c>.</summary>
    internal void SetClassifier(Tensor weight, Tensor bias)
    {
        using var _ = no_grad();
        fc.weight!.copy_(weight);
        fc.bias!.copy_(bias);
    }

    /// <summary>Whether a parameter of that name belongs to the classifier rather than to the embedding.</summary>
    internal bool IsOfClassifier(string parameter) => parameter.StartsWith(nameof(fc) + ".", StringComparison.Ordinal);

    /// <summary>From normalised images, in the network's precision, to the pooled embedding <c>[B, d]</c> in fp32.</summary>
    /// <remarks>Adds the output of each stage to <paramref name="maps"/> where it is given.</remarks>
    protected abstract Tensor Embed(Tensor input, IList<Tensor>? maps);

    /// <summary>The same, with parameters that were checked, in their type; overridden where <see cref="TakesParameters"/>.</summary>
    protected virtual Tensor EmbedWith(Tensor input, IReadOnlyDictionary<string, Tensor> parameters) => throw new NotSupportedException();

    /// <summary>Fixes what the layers compute with. Default: nothing.</summary>
    protected virtual void FreezeLayers() { }

    /// <summary>The classifier as a layer.</summary>
    private protected NetworkLayer Classifier(NetworkLayer embedding) => new LinearLayer(embedding, fc);
}
