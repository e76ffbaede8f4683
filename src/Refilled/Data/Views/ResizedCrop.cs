namespace Refilled.Data.Views;

/// <summary>A random box of the image, resized to the view, and a horizontal flip.</summary>
/// <remarks>The usual views of larger images. The evaluation view is the middle of the image, cut without resizing. Szegedy et al.,
/// CVPR 2015: the box has 8 to 100 % of the image's area and sides in a ratio of 3:4 to 4:3; where ten draws don't fit, it is the
/// largest middle box with such a ratio.</remarks>
public sealed record ResizedCrop : ViewPolicy
{
    private const double LeastRatio = 3.0 / 4, MostRatio = 4.0 / 3;

    /// <summary>Roots of MostRatio / LeastRatio: its powers of ½, ¼, ….</summary>
    /// <remarks>A power of it is a product of some of these. Square roots are exact everywhere; a library's powers differ between
    /// machines, and views must not.</remarks>
    private static readonly double[] Roots =
        [.. Enumerable.Range(1, 20).Select(k => Enumerable.Range(0, k).Aggregate(MostRatio / LeastRatio, (root, _) => Math.Sqrt(root)))];

    private readonly Resampler resampler = new();

    /// <summary>The least part of the image's area that a box has. Default 0.08.</summary>
    public double LeastArea { get; init; } = 0.08;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The image is smaller than the view.</exception>
    public override void Apply(ReadOnlySpan<byte> source, ImageShape from, Span<byte> target, ImageShape to, View view)
    {
        if (from.Channels != to.Channels || from.Height < to.Height || from.Width < to.Width)
            throw new ArgumentException($"No view of {to} can be cut from an image of {from}.", nameof(to));
        if (view.Number == View.Evaluation)
        {
            Framing.Middle(source, from, target, to);
            return;
        }
        var (box, mirrored) = Draw(view, from.Height, from.Width);
        resampler.Resize(source, from, box, target, to);
        if (mirrored) Mirror(target[..to.Bytes], to.Width);
    }

    /// <summary>The box and whether the view is mirrored.</summary>
    internal (Box Box, bool Mirrored) Draw(View view, int height, int width)
    {
        var random = new SeededRandom(view.Seed, SeedStream.View, view.SampleId, view.Number);
        var mirrored = random.Chance(0.5) && Flip;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = height * (double)width * random.Between(LeastArea, 1);
            var ratio = LeastRatio;
            var power = random.Bits();
            for (var bit = 0; bit < Roots.Length; bit++)
                if ((power >> (63 - bit) & 1) != 0) ratio *= Roots[bit];
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w is > 0 && h is > 0 && w <= width && h <= height)
                return (new Box(random.Below(height - h + 1), random.Below(width - w + 1), h, w), mirrored);
        }
        var (fitHeight, fitWidth) = width < LeastRatio * height ? ((int)Math.Round(width / LeastRatio), width)
            : width > MostRatio * height ? (height, (int)Math.Round(height * MostRatio)) : (height, width);
        return (new Box((height - fitHeight) / 2, (width - fitWidth) / 2, fitHeight, fitWidth), mirrored);
    }
}
