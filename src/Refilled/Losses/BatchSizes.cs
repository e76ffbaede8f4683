using Refilled.Networks;
using static TorchSharp.torch;

namespace Refilled.Losses;

/// <summary>Checks that what a loss reads is of the same images, where it comes from a loop that isn't ours.</summary>
internal static class BatchSizes
{
    /// <summary>Compares the first sizes of labels <c>[B]</c> and signals <c>[B, …]</c>.</summary>
    /// <exception cref="ArgumentException">They differ, or the labels are no int64 vector.</exception>
    public static void Check(Tensor? labels, params (Signals Signals, Needs Needs)[] passes)
    {
        if (labels is not null && (labels.dim() != 1 || labels.dtype != ScalarType.Int64))
            throw new ArgumentException($"Labels must be int64 [B], not {labels.dtype} [{string.Join(", ", labels.shape)}].");
        var sizes = passes.SelectMany(pass => Read(pass.Signals, pass.Needs)).Select(tensor => tensor.shape[0]).ToList();
        if (labels is not null) sizes.Add(labels.shape[0]);
        if (sizes.Distinct().Count() > 1)
            throw new ArgumentException("Student, teacher and labels must be of the same images, "
                + $"but their numbers are {string.Join(", ", sizes)}.");
    }

    private static IEnumerable<Tensor> Read(Signals signals, Needs needs)
    {
        if (needs.HasFlag(Needs.Embedding)) yield return signals.Embedding;
        if (needs.HasFlag(Needs.Logits)) yield return signals.Logits;
        if (!needs.HasFlag(Needs.FeatureMaps)) yield break;
        foreach (var map in signals.FeatureMaps) yield return map;
    }
}
