namespace Refilled.Reports.Looks;

/// <summary>An image, one of its class and one of another, as positions among some images.</summary>
/// <param name="Anchor">The image.</param>
/// <param name="Neighbour">One of its class.</param>
/// <param name="Impostor">One of another class.</param>
internal sealed record HardTriplet(int Anchor, int Neighbour, int Impostor)
{
    /// <summary>Of each anchor the farthest neighbour and the nearest impostor, where that is the nearer one; the hardest first.</summary>
    /// <param name="rows">The embeddings, N unit rows.</param>
    /// <param name="labels">The class of each, <c>[N]</c>.</param>
    /// <remarks>An impostor stands in one triplet alone, so that a single odd image doesn't fill the list.</remarks>
    public static IEnumerable<HardTriplet> Of(IReadOnlyList<double[]> rows, IReadOnlyList<int> labels)
    {
        var found = new List<(HardTriplet Triplet, double Gap)>();
        for (var anchor = 0; anchor < rows.Count; anchor++)
        {
            var (neighbour, impostor, far, near) = (-1, -1, double.NegativeInfinity, double.PositiveInfinity);
            for (var other = 0; other < rows.Count; other++)
            {
                if (other == anchor) continue;
                var distance = Distance(rows[anchor], rows[other]);
                if (labels[other] == labels[anchor] && distance > far) (neighbour, far) = (other, distance);
                if (labels[other] != labels[anchor] && distance < near) (impostor, near) = (other, distance);
            }
            if (neighbour >= 0 && impostor >= 0 && near < far) found.Add((new HardTriplet(anchor, neighbour, impostor), near - far));
        }
        return found.OrderBy(one => one.Gap).Select(one => one.Triplet).DistinctBy(triplet => triplet.Impostor);
    }

    /// <summary>How far the neighbour is from the anchor.</summary>
    public double ToNeighbour(IReadOnlyList<double[]> rows) => Distance(rows[Anchor], rows[Neighbour]);

    /// <summary>How far the impostor is from the anchor.</summary>
    public double ToImpostor(IReadOnlyList<double[]> rows) => Distance(rows[Anchor], rows[Impostor]);

    private static double Distance(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++) sum += (one[i] - other[i]) * (one[i] - other[i]);
        return Math.Sqrt(sum);
    }
}
