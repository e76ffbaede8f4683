using Refilled.Evaluation;
using Refilled.Experiments;

namespace Refilled.Reports.Looks;

/// <summary>Two networks on the same images.</summary>
internal sealed record Comparison
{
    /// <summary>What the first is.</summary>
    public required ComparedNetwork First { get; init; }

    /// <summary>What the second is.</summary>
    public required ComparedNetwork Second { get; init; }

    /// <summary>The second's accuracy less the first's, image by image, in parts of 1.</summary>
    public required PairedDifference Gain { get; init; }

    /// <summary>Images that both have right.</summary>
    public required int Both { get; init; }

    /// <summary>Images that the first alone has right, by name.</summary>
    public required IReadOnlyList<string> FirstAlone { get; init; }

    /// <summary>Images that the second alone has right, by name.</summary>
    public required IReadOnlyList<string> SecondAlone { get; init; }

    /// <summary>The classes by the images that one alone has right, those with the most first; none without any.</summary>
    public required IReadOnlyList<ComparedClass> Classes { get; init; }

    /// <summary>Compares what two networks say.</summary>
    /// <exception cref="InputException">They were measured on different images.</exception>
    public static Comparison Of(NetworkLook first, NetworkLook second)
    {
        var set = first.Measured;
        if (first.Data.Hash != second.Data.Hash || !set.SampleIds.SequenceEqual(second.Measured.SampleIds))
            throw new InputException($"The two can't be compared: they are measured on different images ({set.Count} and "
                + $"{second.Measured.Count}). Name data with --data, and classes that both know with --classes.");
        var (mine, theirs) = (first.Right, second.Right);
        var times = Times(first, second);
        var all = Enumerable.Range(0, set.Count).ToList();
        return new Comparison
        {
            First = ComparedNetwork.Of(first, times.First), Second = ComparedNetwork.Of(second, times.Second),
            Gain = PairedDifference.Of(theirs, mine),
            Both = all.Count(i => mine[i] && theirs[i]),
            FirstAlone = [.. all.Where(i => mine[i] && !theirs[i]).Select(first.NameOf)],
            SecondAlone = [.. all.Where(i => !mine[i] && theirs[i]).Select(first.NameOf)],
            Classes = [.. all.GroupBy(i => set.Labels[i])
                .Select(own => new ComparedClass(set.ClassNames[own.Key], own.Count(i => mine[i] && !theirs[i]),
                    own.Count(i => !mine[i] && theirs[i]), own.Count()))
                .Where(one => one.FirstAlone + one.SecondAlone > 0)
                .OrderByDescending(one => one.FirstAlone + one.SecondAlone)],
        };
    }

    /// <summary>Milliseconds of an image, in turns, so that what else the machine does falls on both.</summary>
    private static (double First, double Second) Times(NetworkLook first, NetworkLook second)
    {
        const int turns = 3;
        var all = Enumerable.Range(0, 1 + turns).Select(_ => (First: first.Milliseconds(), Second: second.Milliseconds()))
            .Skip(1).ToList(); // The first turn warms up.
        return (all.Min(turn => turn.First), all.Min(turn => turn.Second));
    }
}

/// <summary>One of two networks that are compared.</summary>
/// <param name="Network">Its architecture.</param>
/// <param name="Right">Images that it has right.</param>
/// <param name="Images">All images.</param>
/// <param name="Bytes">Its size in bytes, in fp32.</param>
/// <param name="Milliseconds">Milliseconds of an image by itself.</param>
internal sealed record ComparedNetwork(string Network, int Right, int Images, long Bytes, double Milliseconds)
{
    public static ComparedNetwork Of(NetworkLook look, double milliseconds) =>
        new(look.Name, look.Right.Count(one => one), look.Right.Count, look.Bytes, Math.Round(milliseconds, 2));
}

/// <summary>A class in which two networks disagree.</summary>
/// <param name="Name">The class.</param>
/// <param name="FirstAlone">Images that the first alone has right.</param>
/// <param name="SecondAlone">Images that the second alone has right.</param>
/// <param name="Images">All images of it.</param>
internal sealed record ComparedClass(string Name, int FirstAlone, int SecondAlone, int Images);
