using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A network of ours as what gives classes probabilities.</summary>
internal sealed class NetworkClassifier : IClassify
{
    private readonly TrainedNetwork trained;

    /// <inheritdoc cref="NetworkClassifier"/>
    /// <param name="trained">The network; it is frozen from now on.</param>
    public NetworkClassifier(TrainedNetwork trained)
    {
        this.trained = trained;
        trained.Network.Freeze();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => trained.ClassNames;

    /// <inheritdoc/>
    public int Size => trained.Network.Input.Height;

    /// <inheritdoc/>
    public float[] Probabilities(byte[] pixels, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var images = tensor(pixels, [count, 3, Size, Size]);
        var logits = trained.Network.Observe(images, Needs.Logits).Logits;
        return logits.softmax(1).cpu().data<float>().ToArray();
    }
}
