using Refilled.Charts;
using Refilled.Tables;

namespace Refilled.Figures;

/// <summary>A figure's numbers, and the pictures that are made of them alone.</summary>
internal abstract record FigureReport : TableReport
{
    /// <summary>What readers must know of the protocol, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The pictures; none where there is no number yet.</summary>
    public abstract IEnumerable<FigurePicture> Pictures();
}

/// <summary>A picture and its numbers.</summary>
/// <param name="Name">The files' name.</param>
/// <param name="Sheet">The picture.</param>
/// <param name="Records">The names of the fields, then a line for each record.</param>
internal sealed record FigurePicture(string Name, Sheet Sheet, IEnumerable<IReadOnlyList<object?>> Records);

/// <summary>A mean and how far values lie from it.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation with n - 1; 0 of a single value.</param>
internal readonly record struct Spread(double Mean, double Deviation)
{
    /// <summary>That of some values, at least one.</summary>
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return new Spread(mean,
            values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }
}
