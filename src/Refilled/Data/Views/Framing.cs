namespace Refilled.Data.Views;

/// <summary>How images of any size become the views of one size.</summary>
/// <param name="Size">Height and width of a view.</param>
/// <param name="ShortSide">Length that the shorter side is resized to when the image is decoded.</param>
/// <param name="Square">Whether the middle square alone is kept; else the image keeps its aspect ratio.</param>
/// <param name="Views">How views are drawn from what is kept.</param>
internal sealed record Framing(int Size, int ShortSide, bool Square, ViewPolicy Views)
{
    /// <summary>From here on views are resized boxes, not padded crops.</summary>
    public const int LeastResized = 84;

    /// <summary>Channels: everything is decoded to red, green and blue.</summary>
    public const int Channels = 3;

    /// <summary>Images with longer sides than this many times the shorter are cut there; panoramas would fill the memory.</summary>
    public const int LongestAspect = 3;

    /// <summary>The usual policy for a size.</summary>
    /// <remarks>Below 84 pixels: the middle square at that size, padded by an eighth (4 at 32, 8 at 64) and cropped. From 84 on:
    /// random resized crops, and for evaluation the shorter side at 92 (84) or 256 (224) and the middle cut out. CIFAR: He et al.,
    /// CVPR 2016. 84: FEAT (Ye et al., CVPR 2020). 224: Krizhevsky et al., 2012; Szegedy et al., 2015.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The size isn't from 8 to 1024.</exception>
    public static Framing For(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        return size < LeastResized
            ? new Framing(size, size, true, new PaddedCrop(size / 8))
            : new Framing(size, size == 84 ? 92 : (size * 8 + 3) / 7, false, new ResizedCrop());
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

/// <summary>The sizes of some images, in pixels.</summary>
/// <param name="LeastHeight">Of the lowest.</param>
/// <param name="LeastWidth">Of the narrowest.</param>
/// <param name="MostHeight">Of the highest.</param>
/// <param name="MostWidth">Of the widest.</param>
public sealed record SizeRange(int LeastHeight, int LeastWidth, int MostHeight, int MostWidth)
{
    /// <summary>The range of some shapes; null where there are none.</summary>
    internal static SizeRange? Of(IEnumerable<ImageShape> shapes) =>
        shapes.Aggregate((SizeRange?)null, (range, shape) => range is null
            ? new SizeRange(shape.Height, shape.Width, shape.Height, shape.Width)
            : new SizeRange(Math.Min(range.LeastHeight, shape.Height), Math.Min(range.LeastWidth, shape.Width),
                Math.Max(range.MostHeight, shape.Height), Math.Max(range.MostWidth, shape.Width)));
}
