using Refilled.Networks;
using Refilled.Weights;
using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>A network of ours as what gives classes probabilities.</summary>
internal sealed class NetworkClassifier : IClassify
{
    private readonly TrainedNetwork trained;
    private readonly Calibration? calibration;

    /// <inheritdoc cref="NetworkClassifier"/>
    /// <param name="trained">The network; it is frozen from now on.</param>
    /// <param name="calibration">What makes its probabilities honest; null takes the logits as they are.</param>
    public NetworkClassifier(TrainedNetwork trained, Calibration? calibration)
    {
        (this.trained, this.calibration) = (trained, calibration);
        trained.Network.Freeze();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => trained.ClassNames;

    /// <inheritdoc/>
    public int Size => trained.Network.Input.Height;

    /// <inheritdoc/>
    public bool IsCalibrated => calibration is not null;

    /// <inheritdoc/>
    public UnknownAnswers? Unknown => calibration?.Unknown;

    /// <inheritdoc/>
    public float[] Probabilities(byte[] pixels, int count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var images = tensor(pixels, [count, 3, Size, Size]);
        var logits = trained.Network.Observe(images, Needs.Logits).Logits.cpu().contiguous().data<float>().ToArray();
        return Temperature.Probabilities(logits, ClassNames.Count, calibration?.Temperature ?? 1);
    }
}
