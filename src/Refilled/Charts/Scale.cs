using System.Globalization;

namespace Refilled.Charts;

/// <summary>Brings numbers to places along an axis.</summary>
/// <param name="Low">The number at the beginning.</param>
/// <param name="High">The number at the end, above it.</param>
/// <param name="From">The place of the beginning, in pixels.</param>
/// <param name="To">The place of the end.</param>
/// <param name="Ticks">The numbers that are marked.</param>
/// <param name="Logarithmic">Whether equal ratios are equally far apart.</param>
internal sealed record Scale(double Low, double High, double From, double To, IReadOnlyList<double> Ticks, bool Logarithmic = false)
{
    /// <summary>The place of a number.</summary>
    public double At(double number)
    {
        double Along(double x) => Logarithmic ? Math.Log10(x) : x;
        return From + (Along(number) - Along(Low)) / (Along(High) - Along(Low)) * (To - From);
    }

    /// <summary>What is written at a tick.</summary>
    public static string Label(double tick) => tick.ToString("0.#####", CultureInfo.InvariantCulture);

    /// <summary>A scale of equal steps around some numbers, each 1, 2 or 5 times a power of ten.</summary>
    /// <param name="numbers">At least one, finite.</param>
    /// <param name="from">The place of the beginning.</param>
    /// <param name="to">The place of the end.</param>
    /// <param name="steps">About how many.</param>
    public static Scale Around(IReadOnlyCollection<double> numbers, double from, double to, int steps = 5)
    {
        var (least, most) = (numbers.Min(), numbers.Max());
        if (most - least < 1e-12) (least, most) = (least - 0.5, most + 0.5);
        var rough = (most - least) / steps;
        // Between whole numbers nothing is marked.
        if (numbers.All(double.IsInteger)) rough = Math.Max(1, rough);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * new[] { 1, 2, 5, 10 }.First(factor => factor * power >= rough * (1 - 1e-9));
        var (low, high) = (Math.Floor(least / step + 1e-9), Math.Ceiling(most / step - 1e-9));
        var ticks = Enumerable.Range(0, (int)(high - low) + 1).Select(i => Math.Round((low + i) * step, 10)).ToList();
        return new Scale(ticks[0], ticks[^1], from, to, ticks);
    }

    /// <summary>A scale of equal ratios around some numbers, marked at 1, 2 and 5 times the powers of ten.</summary>
    /// <param name="numbers">At least one, above 0.</param>
    /// <param name="from">The place of the beginning.</param>
    /// <param name="to">The place of the end.</param>
    public static Scale Ratios(IReadOnlyCollection<double> numbers, double from, double to)
    {
        var (least, most) = (numbers.Min(), numbers.Max());
        var marks = (from power in Enumerable.Range((int)Math.Floor(Math.Log10(least)) - 1, (int)Math.Ceiling(Math.Log10(most / least)) + 3)
                     from factor in new[] { 1, 2, 5 }
                     select factor * Math.Pow(10, power)).ToList();
        var (low, high) = (marks.Last(mark => mark <= least * (1 + 1e-9)), marks.First(mark => mark > most * (1 - 1e-9) && mark > least));
        return new Scale(low, high, from, to, [.. marks.Where(mark => mark >= low && mark <= high)], Logarithmic: true);
    }

    /// <summary>A scale of given ends and ticks.</summary>
    public static Scale Of(IReadOnlyList<double> ticks, double from, double to) => new(ticks[0], ticks[^1], from, to, ticks);
}
