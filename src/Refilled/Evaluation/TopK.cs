using static TorchSharp.torch;

namespace Refilled.Evaluation;

/// <summary>Accuracy of the classifier's first k choices.</summary>
public static class TopK
{
    /// <summary>The part of images whose class has one of the k largest logits, in [0, 1].</summary>
    /// <remarks>Of equal logits the lower class comes first; an image whose class has no number (NaN) is wrong, so that a diverged
    /// network can't look perfect.</remarks>
    /// <param name="logits"><c>[N, C]</c>.</param>
    /// <param name="labels">int64 <c>[N]</c>.</param>
    /// <param name="k">At least 1; more than C counts as C.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static double Accuracy(Tensor logits, Tensor labels, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (labels.shape[0] == 0) throw new ArgumentException("There are no images to measure.", nameof(labels));
        using var scope = NewDisposeScope();
        return Within(logits, labels, k).to(ScalarType.Float64).mean().Number();
    }

    /// <summary>Of each image whether the classifier's first choice is right, as <see cref="Accuracy"/> counts it.</summary>
    /// <param name="logits"><c>[N, C]</c>.</param>
    /// <param name="labels">int64 <c>[N]</c>.</param>
    public static IReadOnlyList<bool> Right(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return Within(logits, labels, 1).cpu().data<bool>().ToArray();
    }

    private static Tensor Within(Tensor logits, Tensor labels, int k)
    {
        var own = logits.gather(1, labels.unsqueeze(1));
        var index = Numbers.Range(0, logits.shape[1], logits.device).unsqueeze(0);
        var before = (logits > own).logical_or((logits == own).logical_and(index < labels.unsqueeze(1))).sum(dim: 1);
        return before.Below(k).logical_and(own.squeeze(1).isnan().logical_not());
    }
}
