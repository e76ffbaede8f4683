namespace Refilled.Data.Views;

/// <summary>Weights of a resizing: which source pixels make each target pixel of a row or column.</summary>
/// <remarks>The triangle filter, widened where the image shrinks (bilinear with antialiasing). Weights are whole numbers that sum
/// to <see cref="One"/> exactly.</remarks>
internal sealed class Taps
{
    /// <summary>Binary digits of the weights: they fit into 16 bits, and their products with bytes sum up in 32.</summary>
    public const int Bits = 14;

    /// <summary>What the weights of a target pixel sum to.</summary>
    public const int One = 1 << Bits;

    private readonly int[] first, start;
    private readonly short[] weights;

    /// <param name="from">Pixels of the source.</param>
    /// <param name="to">Pixels of the target.</param>
    public Taps(int from, int to)
    {
        (From, To) = (from, to);
        (first, start) = (new int[to], new int[to + 1]);
        var scale = (double)from / to;
        var support = Math.Max(1, scale);
        var (all, raw) = (new List<short>(), new double[(int)Math.Ceiling(2 * support) + 2]);
        Span<int> rounded = new int[raw.Length];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var low = Math.Max(0, (int)Math.Floor(centre - support));
            var count = Math.Min(from, (int)Math.Ceiling(centre + support)) - low;
            var sum = 0.0;
            for (var k = 0; k < count; k++) sum += raw[k] = Math.Max(0, 1 - Math.Abs((low + k + 0.5 - centre) / support));
            var (left, heaviest) = (One, 0);
            for (var k = 0; k < count; k++)
            {
                left -= rounded[k] = (int)Math.Round(raw[k] / sum * One);
                if (rounded[k] > rounded[heaviest]) heaviest = k;
            }
            // What rounding lost goes to the heaviest, so that a flat image stays as it is.
            rounded[heaviest] += left;
            // Weights of zero at the ends cost time and change nothing.
            var skipped = rounded[..count].IndexOfAnyExcept(0);
            first[i] = low + skipped;
            foreach (var weight in rounded[skipped..(rounded[..count].LastIndexOfAnyExcept(0) + 1)]) all.Add((short)weight);
            start[i + 1] = all.Count;
        }
        weights = [.. all];
        Across = new AcrossTaps(this);
    }

    /// <summary>Pixels of the source.</summary>
    public int From { get; }

    /// <summary>Pixels of the target.</summary>
    public int To { get; }

    /// <summary>The same, laid out for whole rows.</summary>
    public AcrossTaps Across { get; }

    /// <summary>The first source pixel of a target pixel.</summary>
    public int First(int i) => first[i];

    /// <summary>Its weights, from its first source pixel on.</summary>
    public ReadOnlySpan<short> WeightsOf(int i) => weights.AsSpan(start[i], start[i + 1] - start[i]);
}
