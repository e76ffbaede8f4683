using System.Buffers;

namespace Refilled.Data;

/// <summary>A part of an image, in pixels.</summary>
internal readonly record struct Box(int Top, int Left, int Height, int Width);

/// <summary>Resizes planar bytes with the triangle filter, widened where the image shrinks (bilinear with antialiasing):
/// columns first, then rows, in fixed-point arithmetic, so that the result is the same on every machine.</summary>
internal static class Resampler
{
    private const int Bits = 14;

    /// <summary>Resizes a box of the source to the whole target.</summary>
    public static void Resize(ReadOnlySpan<byte> source, ImageShape from, Box box, Span<byte> target, ImageShape to)
    {
        var across = Taps.Of(box.Width, to.Width);
        var down = Taps.Of(box.Height, to.Height);
        var rented = ArrayPool<byte>.Shared.Rent(box.Height * to.Width);
        var rows = rented.AsSpan(0, box.Height * to.Width);
        for (var c = 0; c < to.Channels; c++)
        {
            for (var y = 0; y < box.Height; y++)
                Across(source.Slice((c * from.Height + box.Top + y) * from.Width + box.Left, box.Width), rows.Slice(y * to.Width, to.Width), across);
            for (var y = 0; y < to.Height; y++)
                Down(rows, target.Slice((c * to.Height + y) * to.Width, to.Width), down, y);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void Across(ReadOnlySpan<byte> row, Span<byte> target, Taps taps)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var sum = 1 << (Bits - 1);
            var first = taps.First[x];
            var weights = taps.WeightsOf(x);
            for (var k = 0; k < weights.Length; k++) sum += weights[k] * row[first + k];
            target[x] = (byte)(sum >> Bits);
        }
    }

    private static void Down(ReadOnlySpan<byte> rows, Span<byte> target, Taps taps, int y)
    {
        var first = taps.First[y];
        var weights = taps.WeightsOf(y);
        for (var x = 0; x < target.Length; x++)
        {
            var sum = 1 << (Bits - 1);
            for (var k = 0; k < weights.Length; k++) sum += weights[k] * rows[(first + k) * target.Length + x];
            target[x] = (byte)(sum >> Bits);
        }
    }

    /// <summary>Which source pixels make each target pixel, and with what weights; they sum to 1 exactly.</summary>
    private sealed class Taps(int[] first, int[] start, int[] weights)
    {
        public int[] First => first;

        public ReadOnlySpan<int> WeightsOf(int i) => weights.AsSpan(start[i], start[i + 1] - start[i]);

        public static Taps Of(int from, int to)
        {
            var scale = (double)from / to;
            var support = Math.Max(1, scale);
            var (first, start, weights) = (new int[to], new int[to + 1], new List<int>());
            for (var i = 0; i < to; i++)
            {
                var centre = (i + 0.5) * scale;
                var low = Math.Max(0, (int)Math.Floor(centre - support));
                var high = Math.Min(from, (int)Math.Ceiling(centre + support));
                var raw = new double[high - low];
                for (var k = low; k < high; k++) raw[k - low] = Math.Max(0, 1 - Math.Abs((k + 0.5 - centre) / support));
                var sum = raw.Sum();
                var rounded = raw.Select(weight => (int)Math.Round(weight / sum * (1 << Bits))).ToArray();
                // What rounding lost goes to the heaviest, so that a flat image stays as it is.
                rounded[Array.IndexOf(rounded, rounded.Max())] += (1 << Bits) - rounded.Sum();
                first[i] = low;
                weights.AddRange(rounded);
                start[i + 1] = weights.Count;
            }
            return new Taps(first, start, [.. weights]);
        }
    }
}
