using static TorchSharp.torch;

namespace Refilled.Losses.Alignment;

/// <summary>Finds semi-hard triplets (anchor, neighbour, impostor).</summary>
/// <remarks>The neighbour has the anchor's class, the impostor another, and 0 &lt; d(anchor, impostor) - d(anchor, neighbour) ≤
/// margin.</remarks>
/// <param name="Margin">Default 0.2 (REFILLED's authors, for unit rows).</param>
public sealed record SemiHardMiner(double Margin = 0.2)
{
    /// <summary>Largest mask that is made at once, in elements; anchors are taken in chunks that keep below it.</summary>
    private const long LargestMask = 1 << 22;

    /// <summary>All semi-hard triplets of a batch.</summary>
    /// <param name="distances">The student's distances <c>[B, B]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, on the same device.</param>
    /// <returns>int64 <c>[T, 3]</c>, in lexicographic order, without a gradient; T may be 0.</returns>
    public Tensor Mine(Tensor distances, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var found = new List<Tensor> { zeros([0, 3], ScalarType.Int64, device: labels.device) };
        foreach (var (from, mask) in Masks(distances, labels))
        {
            var triplets = nonzero(mask);
            triplets.narrow(1, 0, 1).Increase(from);
            found.Add(triplets);
            mask.Dispose();
        }
        return cat(found, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Which triplets are semi-hard, a chunk of anchors at a time.</summary>
    /// <param name="distances">The student's distances <c>[B, B]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, on the same device.</param>
    /// <returns>The first anchor of each chunk, and bool <c>[anchors, B, B]</c> by anchor, neighbour and impostor; the caller
    /// disposes it.</returns>
    internal IEnumerable<(long From, Tensor Mask)> Masks(Tensor distances, Tensor labels)
    {
        var size = labels.shape[0];
        var chunk = Math.Max(1, LargestMask / Math.Max(1, size * size));
        for (long from = 0; from < size; from += chunk) yield return (from, Mask(distances, labels, from, Math.Min(chunk, size - from)));
    }

    private Tensor Mask(Tensor distances, Tensor labels, long from, long count)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var same = labels.narrow(0, from, count).unsqueeze(1) == labels.unsqueeze(0);
        var (some, all) = (Numbers.Range(from, from + count, labels.device), Numbers.Range(0, labels.shape[0], labels.device));
        var itself = some.unsqueeze(1) == all.unsqueeze(0);
        var d = distances.detach().narrow(0, from, count);
        var gap = d.unsqueeze(1) - d.unsqueeze(2); // [a, p, n]: d_an - d_ap
        return gap.Above(0).logical_and_(gap.AtMost(Margin))
            .logical_and_(same.logical_and(itself.logical_not()).unsqueeze(2))
            .logical_and_(same.logical_not().unsqueeze(1)).MoveToOuterDisposeScope();
    }
}
