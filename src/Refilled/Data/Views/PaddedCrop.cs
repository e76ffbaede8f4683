namespace Refilled.Data.Views;

/// <summary>A random crop of the zero-padded image, as large as the image itself, and a horizontal flip.</summary>
/// <remarks>The usual views of small images. The evaluation view is the image as it is.</remarks>
public sealed record PaddedCrop : ViewPolicy
{
    private readonly int padding;

    /// <inheritdoc cref="PaddedCrop"/>
    /// <param name="padding">Pixels of padding on each side, and so the crop's reach, from 0 to 32767. Default 4 (CIFAR's usual).</param>
    /// <exception cref="ArgumentOutOfRangeException">The padding is negative or above 32767.</exception>
    public PaddedCrop(int padding = 4) => Padding = padding;

    /// <summary>Pixels of padding on each side, from 0 to 32767.</summary>
    public int Padding
    {
        get => padding;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Padding));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, short.MaxValue, nameof(Padding));
            padding = value;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The view isn't as large as the image.</exception>
    public override void Apply(ReadOnlySpan<byte> source, ImageShape from, Span<byte> target, ImageShape to, View view)
    {
        if (from != to) throw new ArgumentException($"A padded crop is as large as its image: {from} is not {to}.", nameof(to));
        if (view.Number == View.Evaluation)
        {
            source.CopyTo(target);
            return;
        }
        var (channels, height, width) = from;
        var (dx, dy, mirrored) = Draw(view);
        // Row y of the view is row y + dy of the image; likewise columns. What lies outside is 0.
        var (left, right) = (Math.Max(0, -dx), Math.Min(width, width - dx));
        var (top, bottom) = (Math.Max(0, -dy), Math.Min(height, height - dy));
        if (left >= right || top >= bottom)
        {
            target.Clear();
            return;
        }
        // Rows of the image and of the view are as long, so that a plane is moved as one block; between two rows it then holds
        // what lay on the image's other side.
        var (first, last) = (top * width + left, (bottom - 1) * width + right);
        for (var c = 0; c < channels; c++)
        {
            var plane = target.Slice(c * height * width, height * width);
            plane[..first].Clear();
            source.Slice(c * height * width + first + dy * width + dx, last - first).CopyTo(plane[first..]);
            if (dx != 0)
                for (var gap = top * width + right; gap < last; gap += width) plane.Slice(gap, width - (right - left)).Clear();
            plane[last..].Clear();
        }
        if (mirrored) Mirror(target[..to.Bytes], width);
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
