using static TorchSharp.torch;

namespace Refilled.Mining;

/// <summary>Finds semi-hard triplets (anchor, neighbour, impostor): the neighbour has the anchor's class, the impostor
/// another, and 0 &lt; d(anchor, impostor) - d(anchor, neighbour) ≤ margin.</summary>
/// <param name="Margin">Default 0.2 (REFILLED's authors, for unit rows).</param>
public sealed record SemiHardMiner(double Margin = 0.2)
{
    /// <summary>Largest mask that is made at once, in elements; anchors are taken in chunks that keep below it.</summary>
    private const long LargestMask = 1 << 24;

    /// <summary>All semi-hard triplets of a batch.</summary>
    /// <param name="distances">The student's distances <c>[B, B]</c>.</param>
    /// <param name="labels">int64 <c>[B]</c>, on the same device.</param>
    /// <returns>int64 <c>[T, 3]</c>, in lexicographic order, without a gradient; T may be 0.</returns>
    public Tensor Mine(Tensor distances, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var size = labels.shape[0];
        var same = labels.unsqueeze(0) == labels.unsqueeze(1);
        var neighbour = same.logical_and(eye(size, device: labels.device).to(ScalarType.Bool).logical_not());
        var impostor = same.logical_not();
        var chunk = Math.Max(1, LargestMask / Math.Max(1, size * size));
        var found = new List<Tensor>();
        for (long from = 0; from < size; from += chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(chunk, size - from);
            var d = distances.detach().narrow(0, from, count);
            var gap = d.unsqueeze(1) - d.unsqueeze(2); // [a, p, n]: d_an - d_ap
            var mask = (gap > 0).logical_and_(gap <= Margin)
                .logical_and_(neighbour.narrow(0, from, count).unsqueeze(2))
                .logical_and_(impostor.narrow(0, from, count).unsqueeze(1));
            var triplets = nonzero(mask);
            triplets.narrow(1, 0, 1).add_(from);
            found.Add(triplets.MoveToOuterDisposeScope());
        }
        return (found.Count == 0 ? zeros([0, 3], ScalarType.Int64, device: labels.device) : cat(found, 0)).MoveToOuterDisposeScope();
    }
}
