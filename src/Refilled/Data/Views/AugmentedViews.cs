using System.Buffers;

namespace Refilled.Data.Views;

/// <summary>Views that vary by more than a crop: moved, turned, scaled, mirrored, with other colours, blurred, painted over.</summary>
/// <remarks>In this order, each step drawn whether it is used or not, so that an option leaves the others' views as they are. Sines are
/// sums of products, everything else is integer arithmetic: the same bytes on every machine.</remarks>
/// <param name="Usual">What the store does, without mirror images.</param>
internal sealed record AugmentedViews(ViewPolicy Usual) : ViewPolicy
{
    /// <summary>Binary digits behind the point of positions and factors.</summary>
    private const int Bits = 16;

    private static readonly ResizedCrop Boxes = new() { Flip = false };

    public CropKind Crop { get; init; }
    public MirrorKind Mirrors { get; init; } = MirrorKind.Horizontal;
    public double Rotation { get; init; }
    public double Scale { get; init; }
    public double Colour { get; init; }
    public double Greyscale { get; init; }
    public double Blur { get; init; }
    public double Erasing { get; init; }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<byte> source, ImageShape from, Span<byte> target, ImageShape to, View view)
    {
        target = target[..to.Bytes];
        if (view.Number == View.Evaluation)
        {
            Usual.Apply(source, from, target, to, view);
            return;
        }
        if (Crop == CropKind.Usual) Usual.Apply(source, from, target, to, view);
        else if (Crop == CropKind.Resized) Boxes.Apply(source, from, target, to, view);
        else Usual.Apply(source, from, target, to, view with { Number = View.Evaluation });

        var random = new SeededRandom(view.Seed, SeedStream.Augmentation, view.SampleId, view.Number);
        var reach = Crop == CropKind.Padded ? 1.0 / 8 : 0;
        var move = new Move(random.Between(-1, 1) * Rotation * Math.PI / 180, 1 / (1 + random.Between(-1, 1) * Scale),
            (int)Math.Round(random.Between(-1, 1) * reach * to.Width), (int)Math.Round(random.Between(-1, 1) * reach * to.Height));
        if (move != Move.None) WithCopy(target, to, move);
        var (across, down) = (random.Chance(0.5), random.Chance(0.5));
        if (across && Mirrors != MirrorKind.None) Mirror(target, to.Width);
        if (down && Mirrors == MirrorKind.Both) Overturn(target, to);
        var (brightness, contrast, saturation) = (Factor(ref random), Factor(ref random), Factor(ref random));
        if (Colour > 0) Recolour(target, to, brightness, contrast, saturation);
        if (random.Chance(Greyscale)) Recolour(target, to, 1 << Bits, 1 << Bits, 0);
        if (random.Chance(Blur)) Smooth(target, to);
        var erased = random.Chance(Erasing);
        var (area, ratio) = (random.Between(0.02, 0.2) * to.Width * to.Height, random.Between(0.5, 2));
        var height = Math.Clamp((int)Math.Sqrt(area * ratio), 1, to.Height);
        var width = Math.Clamp((int)Math.Sqrt(area / ratio), 1, to.Width);
        var (top, left) = (random.Below(to.Height - height + 1), random.Below(to.Width - width + 1));
        if (erased) Paint(target, to, new Box(top, left, height, width));
    }

    /// <summary>A factor from 1 - <see cref="Colour"/> to 1 + <see cref="Colour"/>.</summary>
    private int Factor(ref SeededRandom random) => (int)Math.Round((1 + random.Between(-1, 1) * Colour) * (1 << Bits));

    /// <summary>Moves, turns and scales about the middle; outside, the border is repeated.</summary>
    private static void WithCopy(Span<byte> image, ImageShape shape, Move move)
    {
        var rented = ArrayPool<byte>.Shared.Rent(image.Length);
        image.CopyTo(rented);
        var (height, width) = (shape.Height, shape.Width);
        var (sine, cosine) = Turn(move.Angle);
        var (a, b) = ((long)Math.Round(cosine * move.Zoom * (1 << Bits)), (long)Math.Round(sine * move.Zoom * (1 << Bits)));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // Twice the distance from the middle, so that it is whole.
                var (dx, dy) = (2 * (x - move.Across) - (width - 1), 2 * (y - move.Down) - (height - 1));
                var u = Math.Clamp((a * dx - b * dy + ((long)(width - 1) << Bits)) / 2, 0, (long)(width - 1) << Bits);
                var v = Math.Clamp((b * dx + a * dy + ((long)(height - 1) << Bits)) / 2, 0, (long)(height - 1) << Bits);
                var (left, top) = ((int)(u >> Bits), (int)(v >> Bits));
                var (right, bottom) = (Math.Min(left + 1, width - 1), Math.Min(top + 1, height - 1));
                var (f, g) = ((int)(u >> (Bits - 8)) & 255, (int)(v >> (Bits - 8)) & 255);
                for (var c = 0; c < shape.Channels; c++)
                {
                    var plane = rented.AsSpan(c * height * width, height * width);
                    var upper = plane[top * width + left] * (256 - f) + plane[top * width + right] * f;
                    var lower = plane[bottom * width + left] * (256 - f) + plane[bottom * width + right] * f;
                    image[(c * height + y) * width + x] = (byte)((upper * (256 - g) + lower * g + (1 << 15)) >> 16);
                }
            }
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Sine and cosine of an angle within ±π by their series, whose 12 terms are exact to 1e-11 there.</summary>
    /// <remarks>A library's sines differ between machines, and views must not.</remarks>
    private static (double Sine, double Cosine) Turn(double angle)
    {
        var (sine, cosine, term) = (0.0, 0.0, 1.0);
        for (var n = 0; n < 24; n++)
        {
            if (n % 2 == 0) cosine += n % 4 == 0 ? term : -term;
            else sine += n % 4 == 1 ? term : -term;
            term *= angle / (n + 1);
        }
        return (sine, cosine);
    }

    private static void Overturn(Span<byte> image, ImageShape shape)
    {
        Span<byte> row = stackalloc byte[shape.Width];
        for (var c = 0; c < shape.Channels; c++)
        {
            var plane = image.Slice(c * shape.Height * shape.Width, shape.Height * shape.Width);
            for (var y = 0; y < shape.Height / 2; y++)
            {
                var upper = plane.Slice(y * shape.Width, shape.Width);
                var lower = plane.Slice((shape.Height - 1 - y) * shape.Width, shape.Width);
                upper.CopyTo(row);
                lower.CopyTo(upper);
                row.CopyTo(lower);
            }
        }
    }

    /// <summary>Scales all values, then their distance from the image's mean grey, then from the pixel's own grey.</summary>
    private static void Recolour(Span<byte> image, ImageShape shape, int brightness, int contrast, int saturation)
    {
        var (count, whole) = (shape.Height * shape.Width, 1L << Bits);
        long sum = 0;
        foreach (var value in image) sum += value;
        var mean = sum * brightness / image.Length; // as the factors, with 16 binary digits
        Span<long> pixel = stackalloc long[shape.Channels];
        for (var at = 0; at < count; at++)
        {
            long total = 0;
            for (var c = 0; c < shape.Channels; c++)
                total += pixel[c] = mean + (image[c * count + at] * (long)brightness - mean) * contrast / whole;
            var grey = total / shape.Channels;
            for (var c = 0; c < shape.Channels; c++)
                image[c * count + at] = (byte)Math.Clamp((grey + (pixel[c] - grey) * saturation / whole + whole / 2) >> Bits, 0, 255);
        }
    }

    /// <summary>The binomial filter (1, 2, 1) along rows and columns, once for each 32 pixels of the size.</summary>
    private static void Smooth(Span<byte> image, ImageShape shape)
    {
        var rented = ArrayPool<byte>.Shared.Rent(image.Length);
        var (height, width) = (shape.Height, shape.Width);
        for (var pass = 0; pass < Math.Max(1, height / 32); pass++)
        {
            image.CopyTo(rented);
            for (var c = 0; c < shape.Channels; c++)
            {
                var plane = rented.AsSpan(c * height * width, height * width);
                for (var y = 0; y < height; y++)
                {
                    var above = plane[(Math.Max(0, y - 1) * width)..];
                    var here = plane[(y * width)..];
                    var below = plane[(Math.Min(height - 1, y + 1) * width)..];
                    for (var x = 0; x < width; x++)
                    {
                        var (left, right) = (Math.Max(0, x - 1), Math.Min(width - 1, x + 1));
                        var sum = above[left] + 2 * above[x] + above[right] + 2 * (here[left] + 2 * here[x] + here[right])
                            + below[left] + 2 * below[x] + below[right];
                        image[(c * height + y) * width + x] = (byte)((sum + 8) >> 4);
                    }
                }
            }
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Paints a box over with the image's mean colour.</summary>
    private static void Paint(Span<byte> image, ImageShape shape, Box box)
    {
        var count = shape.Height * shape.Width;
        for (var c = 0; c < shape.Channels; c++)
        {
            var plane = image.Slice(c * count, count);
            long sum = 0;
            foreach (var value in plane) sum += value;
            for (var y = box.Top; y < box.Top + box.Height; y++)
                plane.Slice(y * shape.Width + box.Left, box.Width).Fill((byte)(sum / count));
        }
    }

    /// <summary>How an image is moved.</summary>
    /// <param name="Angle">In radians, against the clock.</param>
    /// <param name="Zoom">Pixels of the image for one of the view.</param>
    /// <param name="Across">Pixels to the right.</param>
    /// <param name="Down">Pixels down.</param>
    private readonly record struct Move(double Angle, double Zoom, int Across, int Down)
    {
        public static Move None { get; } = new(0, 1, 0, 0);
    }
}
