using System.Numerics;

namespace Refilled.Losses.Alignment;

/// <summary>What an alignment loss sees of one anchor: its row of both distance matrices.</summary>
/// <remarks>Rows are padded to whole vectors; padding is no impostor.</remarks>
internal readonly ref struct AnchorRow
{
    /// <summary>The student's distances to all images, padded.</summary>
    public required ReadOnlySpan<double> Student { get; init; }

    /// <summary>The teacher's.</summary>
    public required ReadOnlySpan<double> Teacher { get; init; }

    /// <summary>The images of the anchor's class, without itself.</summary>
    public required ReadOnlySpan<int> Neighbours { get; init; }

    /// <summary>All bits set where the image has another class, else 0; padded.</summary>
    public required ReadOnlySpan<long> Impostors { get; init; }

    /// <summary>Room for the semi-hard impostors of a neighbour, padded.</summary>
    public required Span<long> SemiHard { get; init; }

    /// <summary>Receives, added, the gradient of the sum by the student's distances; padded.</summary>
    public required Span<double> Gradient { get; init; }

    /// <summary>Most impostors of a tuple.</summary>
    public required long Longest { get; init; }

    /// <summary>Marks the semi-hard impostors of a neighbour: 0 &lt; d_an - d_ap ≤ margin.</summary>
    /// <returns>Their number.</returns>
    public long Mine(int neighbour, double margin)
    {
        var near = new Vector<double>(Student[neighbour]);
        var reach = new Vector<double>(margin);
        var found = Vector<long>.Zero;
        for (var n = 0; n < Student.Length; n += Vector<double>.Count)
        {
            var gap = new Vector<double>(Student[n..]) - near;
            var semiHard = Vector.GreaterThan(gap, Vector<double>.Zero) & Vector.LessThanOrEqual(gap, reach)
                & new Vector<long>(Impostors[n..]);
            semiHard.CopyTo(SemiHard[n..]);
            found -= semiHard; // all bits set is -1
        }
        return Vector.Sum(found);
    }
}
