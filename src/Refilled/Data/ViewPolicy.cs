namespace Refilled.Data;

/// <summary>How views differ from their image: a random crop of the zero-padded image and a horizontal flip.</summary>
/// <param name="Padding">Pixels of padding on each side, and so the crop's reach. Default 4 (CIFAR's usual).</param>
/// <param name="Flip">Whether half of the views are mirrored. Default true.</param>
/// <exception cref="ArgumentOutOfRangeException">The padding is negative or above 32767.</exception>
public sealed record ViewPolicy(int Padding = 4, bool Flip = true)
{
    private readonly int padding = Checked(Padding);

    /// <summary>Pixels of padding on each side, from 0 to 32767.</summary>
    public int Padding
    {
        get => padding;
        init => padding = Checked(value);
    }

    /// <summary>Draws a view of an image: a pure function, in integer arithmetic on bytes.</summary>
    /// <param name="source">Planar <c>[C, H, W]</c>.</param>
    /// <param name="target">As large as the source.</param>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="view">Which view.</param>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, int channels, int height, int width, View view)
    {
        if (view.Number == View.Evaluation)
        {
            source.CopyTo(target);
            return;
        }
        var (dx, dy, mirrored) = Draw(view);
        target.Clear();
        // Row y of the view is row y + dy of the image; likewise columns. What lies outside stays 0.
        var (left, right) = (Math.Max(0, -dx), Math.Min(width, width - dx));
        var (top, bottom) = (Math.Max(0, -dy), Math.Min(height, height - dy));
        if (left >= right) return;
        for (var c = 0; c < channels; c++)
        {
            for (var y = top; y < bottom; y++)
            {
                var row = target.Slice((c * height + y) * width, width);
                source.Slice((c * height + y + dy) * width + left + dx, right - left).CopyTo(row[left..]);
                if (mirrored) row.Reverse();
            }
        }
    }

    private static int Checked(int padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padding, nameof(Padding));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding, short.MaxValue, nameof(Padding));
        return padding;
    }

    /// <summary>The crop's offset in [-Padding, Padding] and whether the view is mirrored.</summary>
    internal (int Dx, int Dy, bool Mirrored) Draw(View view)
    {
        var bits = SeedMix.Bits(view.Seed, SeedStream.View, view.SampleId, view.Number);
        // 24 bits for each offset: the bias of the multiplication is below 1e-6.
        var span = (ulong)(2 * Padding + 1);
        var dx = (int)(((bits & 0xFFFFFF) * span) >> 24) - Padding;
        var dy = (int)((((bits >> 24) & 0xFFFFFF) * span) >> 24) - Padding;
        return (dx, dy, Flip && (bits >> 63) != 0);
    }
}
