using Refilled.Data.Views;

namespace Refilled.Data;

/// <summary>A picture, tiny: enough to know it again after it was packed, resized or lightened.</summary>
/// <remarks>Two parts, as each alone is wrong too often: 64 bits that can be looked up, and 16×16 cells that are compared, without the
/// means of their rows and columns, which are alike in every picture of sky above a plain.</remarks>
internal sealed class PictureSketch
{
    /// <summary>Most of the <see cref="Bits"/> in which pictures that look alike differ.</summary>
    public const int MostBits = 7;

    /// <summary>Least <see cref="Correlation"/> of pictures that look alike.</summary>
    /// <remarks>Chosen by looking at pairs of CIFAR-100, Tiny-ImageNet and handwriting; see docs/findings.md.</remarks>
    public const double LeastCorrelation = 0.97;

    private const int Side = 16, Cells = Side * Side, Across = 9, Down = 8;

    private readonly short[] cells = new short[Cells];
    private readonly double length;

    /// <summary>Sketches a picture.</summary>
    /// <param name="planes">Its pixels, planar.</param>
    /// <param name="shape">Their shape: grey, or red, green and blue.</param>
    /// <param name="resampler">Shrinks it.</param>
    public PictureSketch(ReadOnlySpan<byte> planes, ImageShape shape, Resampler resampler)
    {
        var grey = Grey(planes, shape);
        var (from, whole) = (new ImageShape(1, shape.Height, shape.Width), new Box(0, 0, shape.Height, shape.Width));
        Span<byte> steps = stackalloc byte[Across * Down], small = stackalloc byte[Cells];
        resampler.Resize(grey, from, whole, steps, new ImageShape(1, Down, Across));
        for (var y = 0; y < Down; y++)
            for (var x = 0; x + 1 < Across; x++)
                Bits = Bits << 1 | (steps[y * Across + x] > steps[y * Across + x + 1] + LeastStep ? 1UL : 0);

        resampler.Resize(grey, from, whole, small, new ImageShape(1, Side, Side));
        Span<int> rows = stackalloc int[Side], columns = stackalloc int[Side];
        var (all, squares) = (0, 0L);
        for (var i = 0; i < Cells; i++)
        {
            rows[i / Side] += small[i];
            columns[i % Side] += small[i];
            all += small[i];
        }
        // Sixteenths of a grey level, so that the means are whole.
        for (var i = 0; i < Cells; i++)
        {
            cells[i] = (short)(Side * small[i] - rows[i / Side] - columns[i % Side] + all / Side);
            squares += cells[i] * cells[i];
        }
        length = Math.Sqrt(squares);
    }

    /// <summary>Of each of 8×8 places whether it is clearly lighter than its right neighbour.</summary>
    public ulong Bits { get; }

    /// <summary>Whether there is too little in the picture to tell it from others: a blank page, a horizon.</summary>
    public bool IsPlain => length < Side * LeastSpread * Math.Sqrt(Cells);

    /// <summary>How the cells of two pictures go together, whatever their brightness and contrast: 1 for the same picture.</summary>
    public double Correlation(PictureSketch other)
    {
        var products = 0L;
        for (var i = 0; i < Cells; i++) products += cells[i] * other.cells[i];
        return products / (length * other.length);
    }

    /// <summary>A step of brightness that is no noise of packing, of 255.</summary>
    private const int LeastStep = 2;

    /// <summary>The standard deviation of the cells, of 255, below which a picture is plain.</summary>
    private const double LeastSpread = 8;

    /// <summary>ITU-R 601 luma.</summary>
    private static ReadOnlySpan<byte> Grey(ReadOnlySpan<byte> planes, ImageShape shape)
    {
        if (shape.Channels == 1) return planes;
        var count = shape.Height * shape.Width;
        var grey = new byte[count];
        for (var i = 0; i < count; i++)
            grey[i] = (byte)((77 * planes[i] + 150 * planes[count + i] + 29 * planes[2 * count + i] + 128) >> 8);
        return grey;
    }
}
