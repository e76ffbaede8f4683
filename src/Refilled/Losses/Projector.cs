using Refilled.Networks.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>A map of embeddings in fp32, trained beside a student to bring its embedding to the teacher's size.</summary>
/// <remarks><c>[B, d]</c> to <c>[B, d']</c>: linear with a bias, or with one hidden layer of batch norm and ReLU.</remarks>
internal sealed class Projector : nn.Module<Tensor, Tensor>
{
    // Their names are those of the tensors in checkpoints.
    private readonly Parameter weight, bias;
    private readonly Parameter? first;
    private readonly BatchNormalisation? norm;

    /// <param name="inputs">The student's embedding, d.</param>
    /// <param name="outputs">The teacher's, d'.</param>
    /// <param name="hidden">Units of the hidden layer; null makes the map linear.</param>
    /// <param name="generator">Draws the initial weights, as the engine's default does: uniform in ±1/√inputs.</param>
    public Projector(int inputs, int outputs, int? hidden, Generator generator) : base(nameof(Projector))
    {
        if (hidden is { } units)
        {
            first = Initialisation.Linear([units, inputs], inputs, generator); // batch norm has the bias
            norm = new BatchNormalisation(units);
        }
        var width = hidden ?? inputs;
        weight = Initialisation.Linear([outputs, width], width, generator);
        bias = Initialisation.Linear([outputs], width, generator);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (first is null) return nn.functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        // Batch norm is over maps; an embedding is a map of one pixel.
        var units = norm!.call(nn.functional.linear(input, first).unsqueeze(2).unsqueeze(3)).flatten(1);
        return nn.functional.linear(nn.functional.relu(units), weight, bias).MoveToOuterDisposeScope();
    }
}
