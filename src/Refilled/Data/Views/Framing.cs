namespace Refilled.Data.Views;

/// <summary>How images of any size become the views of one size.</summary>
/// <param name="Size">Height and width of a view.</param>
/// <param name="ShortSide">Length that the shorter side is resized to when the image is decoded.</param>
/// <param name="Square">Whether the middle square alone is kept; else the image keeps its aspect ratio.</param>
internal sealed partial record Framing(int Size, int ShortSide, bool Square)
{
    /// <summary>From here on views are resized boxes, not padded crops.</summary>
    public const int LeastResized = 84;

    /// <summary>Channels: everything is decoded to red, green and blue.</summary>
    public const int Channels = 3;

    /// <summary>Images with longer sides than this many times the shorter are cut there; panoramas would fill the memory.</summary>
    public const int LongestAspect = 3;

    /// <summary>The usual one for a size.</summary>
    /// <remarks>Below 84 pixels: the middle square at that size. From 84 on: the shorter side at 92 (84) or 256 (224), and for
    /// evaluation the middle cut out. 84: FEAT (Ye et al., CVPR 2020). 224: Krizhevsky et al., 2012; Szegedy et al., 2015.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The size isn't from 8 to 1024.</exception>
    public static Framing For(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        return size < LeastResized
            ? new Framing(size, size, true)
            : new Framing(size, size == 84 ? 92 : (size * 8 + 3) / 7, false);
    }

    /// <summary>Cuts the evaluation view out of what is kept: its middle.</summary>
    /// <param name="source">What is kept, planar.</param>
    /// <param name="from">Its shape.</param>
    /// <param name="target">Receives the view, planar.</param>
    /// <param name="to">Its shape; as many channels, and no side longer.</param>
    public static void Middle(ReadOnlySpan<byte> source, ImageShape from, Span<byte> target, ImageShape to)
    {
        var (top, left) = ((from.Height - to.Height) / 2, (from.Width - to.Width) / 2);
        for (var c = 0; c < to.Channels; c++)
            for (var y = 0; y < to.Height; y++)
                source.Slice((c * from.Height + top + y) * from.Width + left, to.Width).CopyTo(target[((c * to.Height + y) * to.Width)..]);
    }

    /// <summary>Shape of a view.</summary>
    public ImageShape ViewShape => new(Channels, Size, Size);

    /// <summary>The part of an image that is kept, and the shape that it is kept in.</summary>
    internal (Box Part, ImageShape Shape) Keep(int height, int width)
    {
        var (shorter, longer) = (Math.Min(height, width), Math.Max(height, width));
        var kept = Square ? shorter : (int)Math.Min(longer, (long)shorter * LongestAspect);
        var part = height < width ? new Box(0, (width - kept) / 2, height, kept) : new Box((height - kept) / 2, 0, kept, width);
        var length = Math.Max(ShortSide, (int)Math.Round((double)kept * ShortSide / shorter));
        return (part, height < width ? new ImageShape(Channels, ShortSide, length) : new ImageShape(Channels, length, ShortSide));
    }
}
