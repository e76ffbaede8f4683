using Refilled.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Refilled.Tests.FewShot;

/// <summary>A network whose embedding is A·x of the pixels x, in [0, 1].</summary>
internal sealed class LinearNetwork : EmbeddingNetwork
{
    private readonly Parameter a;

    public LinearNetwork(int embeddingSize, int side)
        : base("linear", embeddingSize, new NetworkOptions(2) { Input = new InputSpec(side, side, [0, 0, 0], [1, 1, 1]) })
    {
        a = new Parameter(zeros(embeddingSize, 3 * side * side));
        register_parameter(nameof(a), a);
    }

    public override bool TakesParameters => true;

    protected override Tensor Embed(Tensor input, IList<Tensor>? maps) => nn.functional.linear(input.flatten(1), a);

    protected override Tensor EmbedWith(Tensor input, IReadOnlyDictionary<string, Tensor> parameters) =>
        nn.functional.linear(input.flatten(1), parameters[nameof(a)]);
}
