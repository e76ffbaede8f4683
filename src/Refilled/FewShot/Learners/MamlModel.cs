using Refilled.FewShot.Adaptation;
using Refilled.Networks;
using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.FewShot.Learners;

/// <summary>A network with a linear head for tasks, as functions of parameters that are given.</summary>
/// <remarks>Batch norms use the statistics of the images that are passed together, all queries of a task among them, as is usual
/// for MAML: the answer to one query depends on the others.</remarks>
/// <param name="network">The network.</param>
/// <param name="head">W <c>[N, d]</c> and b <c>[N]</c>.</param>
internal sealed class MamlModel(EmbeddingNetwork network, Linear head)
{
    private const string Weight = "head.weight", Bias = "head.bias";

    /// <summary>Classes of a task, N.</summary>
    public int Way => (int)head.weight!.shape[0];

    /// <summary>Where it computes.</summary>
    public Device Device => network.Device;

    /// <summary>The parameters that adapt, by name: the embedding's own and the head's.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters() => network.named_parameters()
        .Where(pair => !network.IsOfClassifier(pair.name)).Select(pair => (pair.name, (Tensor)pair.parameter))
        .Append((Weight, head.weight!)).Append((Bias, head.bias!)).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>The logits <c>[B, N]</c> of uint8 images <c>[B, C, H, W]</c>.</summary>
    public Tensor Logits(Tensor images, IReadOnlyDictionary<string, Tensor> parameters)
    {
        using var embedding = network.Embed(images, parameters);
        return nn.functional.linear(embedding, parameters[Weight], parameters[Bias]);
    }

    /// <summary>The parameters after gradient steps on labelled images: <c>θ ← θ - η ∇L(θ)</c>, L their cross-entropy.</summary>
    /// <remarks>They stay a function of those they began with, so that what comes of them can be differentiated in turn.</remarks>
    /// <param name="parameters">θ by name, each with a gradient.</param>
    /// <param name="images">uint8 <c>[n, C, H, W]</c>.</param>
    /// <param name="labels">int64 <c>[n]</c>, on the device.</param>
    /// <param name="steps">How many.</param>
    /// <param name="rate">η.</param>
    /// <param name="firstOrder">Whether ∇L(θ) counts as a constant, which leaves the second derivatives out.</param>
    public IReadOnlyDictionary<string, Tensor> Adapt(IReadOnlyDictionary<string, Tensor> parameters, Tensor images, Tensor labels,
        int steps, double rate, bool firstOrder)
    {
        using var scope = NewDisposeScope();
        var adapted = parameters;
        for (var step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            var (names, values) = (adapted.Keys.ToList(), adapted.Values.ToList());
            var loss = nn.functional.cross_entropy(Logits(images, adapted), labels);
            var gradients = autograd.grad([loss], values, retain_graph: !firstOrder, create_graph: !firstOrder);
            adapted = names.Zip(values.Zip(gradients, (value, gradient) => (value - gradient.Times(rate)).MoveToOuterDisposeScope()))
                .ToDictionary(pair => pair.First, pair => pair.Second);
        }
        if (steps > 0) foreach (var value in adapted.Values) value.MoveToOuterDisposeScope();
        return adapted;
    }

    /// <summary>A network with such parameters and the head as its classifier, in evaluation mode. The caller owns it.</summary>
    /// <remarks>Its batch norms have the statistics of some images.</remarks>
    /// <param name="parameters">The parameters.</param>
    /// <param name="images">The images.</param>
    public EmbeddingNetwork Student(IReadOnlyDictionary<string, Tensor> parameters, FewShotImages images)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // Never given back: the copy is the caller's.
        var student = new NetworkCopies(network).Lend(Way);
        foreach (var (name, own) in student.named_parameters().Where(pair => !student.IsOfClassifier(pair.name)))
            own.copy_(parameters[name]);
        student.SetClassifier(parameters[Weight], parameters[Bias]);
        var norms = student.modules().OfType<BatchNormalisation>().Select(norm => (Norm: norm, Usual: norm.Momentum)).ToList();
        foreach (var (norm, _) in norms) norm.Momentum = 1; // the last pass is all that they remember
        student.train();
        student.Observe(images.Images(), Needs.Embedding);
        student.eval();
        foreach (var (norm, usual) in norms) norm.Momentum = usual;
        return student;
    }

    /// <summary>Throws where a network can't be used.</summary>
    /// <exception cref="InputException">It can't be given parameters, or computes in bf16.</exception>
    public static void Check(EmbeddingNetwork network)
    {
        if (!network.TakesParameters)
            throw new InputException("MAML differentiates through steps on a network's parameters, "
                + $"which the network {network.Architecture} can't be given; use convnet-4 or convnet-4-flat.");
        if (network.Options.Precision != Precision.Fp32)
            throw new InputException("MAML differentiates gradients once more, for which bf16 has too few digits; use --precision fp32.");
    }
}
