namespace Refilled.Data.Views;

/// <summary>How views are mixed with those of other images: averaged (mixup), or with a box of the other (CutMix).</summary>
/// <remarks>Everything is a function of the view alone, and of how many images there are to mix with; each number is drawn whether it is
/// used or not. Mixup: Zhang et al., ICLR 2018. CutMix: Yun et al., ICCV 2019.</remarks>
/// <param name="Mixup">α of the averages' shares, Beta(α, α); 0 for none.</param>
/// <param name="Cutmix">α of the boxes' shares; 0 for none. Where both are above 0, half of the views have one and half the other.</param>
internal sealed record Mixing(double Mixup, double Cutmix)
{
    private readonly BetaShares? averages = Mixup > 0 ? new BetaShares(Mixup) : null;
    private readonly BetaShares? boxes = Cutmix > 0 ? new BetaShares(Cutmix) : null;

    /// <summary>What a view is mixed with, and how.</summary>
    /// <param name="view">The view.</param>
    /// <param name="images">How many images there are; the view's own is one of them, and may be drawn.</param>
    /// <param name="shape">Shape of the views.</param>
    public Blend Draw(View view, int images, ImageShape shape)
    {
        var random = new SeededRandom(view.Seed, SeedStream.Mixing, view.SampleId, view.Number);
        var (partner, cut, share) = (random.Below(images), random.Chance(0.5), random.Next());
        var (y, x) = (random.Below(shape.Height), random.Below(shape.Width));
        if (boxes is null || (averages is not null && !cut)) return new Blend(partner, averages!.At(share), null);
        // The box has the partner's share of the area, and is cut where it leaves the image.
        var side = Math.Sqrt(1 - boxes.At(share) / (double)BetaShares.Steps);
        var (top, height) = Within((int)(shape.Height * side), y, shape.Height);
        var (left, width) = Within((int)(shape.Width * side), x, shape.Width);
        return new Blend(partner, 0, new Box(top, left, height, width));
    }

    private static (int From, int Length) Within(int length, int middle, int size)
    {
        var from = Math.Max(0, middle - length / 2);
        return (from, Math.Min(size, middle - length / 2 + length) - from);
    }
}

/// <summary>What is laid over a view.</summary>
/// <param name="Partner">The place of the other image among those that there are.</param>
/// <param name="Steps">The view's own share of each pixel in 1/256, where the two are averaged.</param>
/// <param name="Box">The part that is the partner's; null where the two are averaged.</param>
internal readonly record struct Blend(int Partner, int Steps, Box? Box)
{
    /// <summary>The view's own part of all pixels, from 0 to 1: the weight of its label.</summary>
    public float Share(ImageShape shape)
    {
        if (Box is not { } box) return (float)Steps / BetaShares.Steps;
        var all = shape.Height * shape.Width;
        return (float)(all - box.Height * box.Width) / all;
    }

    /// <summary>Lays the partner's view over a view, both planar.</summary>
    public void Lay(Span<byte> view, ReadOnlySpan<byte> partner, ImageShape shape)
    {
        if (Box is { } box)
        {
            for (var c = 0; c < shape.Channels; c++)
                for (var y = box.Top; y < box.Top + box.Height; y++)
                {
                    var row = (c * shape.Height + y) * shape.Width + box.Left;
                    partner.Slice(row, box.Width).CopyTo(view[row..]);
                }
            return;
        }
        for (var i = 0; i < shape.Bytes; i++)
            view[i] = (byte)((view[i] * Steps + partner[i] * (BetaShares.Steps - Steps) + BetaShares.Steps / 2) / BetaShares.Steps);
    }
}
