using Refilled.Recipes;

namespace Refilled.Data.Views;

/// <summary>What may vary between the views of an image, over the usual of its size.</summary>
/// <remarks>A preset and what differs from it. Evaluation views never vary.</remarks>
[Shorthand(nameof(Preset))]
public sealed record Augmentation : IValidated
{
    /// <summary>Where the values that aren't given come from. Default usual.</summary>
    public AugmentationPreset Preset { get; init; }

    /// <summary>How a view is cut from its image.</summary>
    [AbsentUnlessGiven]
    public CropKind? Crop { get; init; }

    /// <summary>Which mirror images there are.</summary>
    [AbsentUnlessGiven]
    public MirrorKind? Mirror { get; init; }

    /// <summary>The greatest angle in degrees, 0 to 180: views are turned by up to it either way.</summary>
    [AbsentUnlessGiven]
    public double? Rotation { get; init; }

    /// <summary>The greatest change of size s, 0 to 0.5: by factors from 1 - s to 1 + s.</summary>
    [AbsentUnlessGiven]
    public double? Scale { get; init; }

    /// <summary>The greatest change c of brightness, contrast and saturation, 0 to 1: factors 1 - c to 1 + c.</summary>
    [AbsentUnlessGiven]
    public double? Colour { get; init; }

    /// <summary>The probability that a view has no colours.</summary>
    [AbsentUnlessGiven]
    public double? Greyscale { get; init; }

    /// <summary>The probability that a view is blurred.</summary>
    [AbsentUnlessGiven]
    public double? Blur { get; init; }

    /// <summary>The probability that a rectangle of 2 to 20 % of a view is painted over.</summary>
    /// <remarks>With the view's mean colour. Random erasing: Zhong et al., AAAI 2020.</remarks>
    [AbsentUnlessGiven]
    public double? Erasing { get; init; }

    /// <summary>α of mixup, 0 to 10: a view is averaged with another image's, with shares of Beta(α, α).</summary>
    /// <remarks>0.2 is usual; 0 is none. What a view is mixed with is decided by its number, too: of 8 views of an image each has its own
    /// partner and share, the same in every epoch that shows it; <c>views: 0</c> makes others each time. Labels are then weighted pairs.
    /// Zhang et al., ICLR 2018.</remarks>
    [AbsentUnlessGiven]
    public double? Mixup { get; init; }

    /// <summary>α of CutMix, 0 to 10: a box of another image's view is set into a view.</summary>
    /// <remarks>1 is usual; 0 is none. The view keeps a share of Beta(α, α). With <see cref="Mixup"/> half of the views have one, and half
    /// the other. Yun et al., ICCV 2019.</remarks>
    [AbsentUnlessGiven]
    public double? Cutmix { get; init; }

    /// <summary>Whether views are mixed.</summary>
    internal bool Mixes => Mixup is > 0 || Cutmix is > 0;

    /// <summary>How views are mixed; null where they aren't.</summary>
    internal Mixing? Mixing => Mixes ? new Mixing(Mixup ?? 0, Cutmix ?? 0) : null;

    /// <inheritdoc/>
    public IEnumerable<(string Path, string Message)> Validate() =>
    [
        .. Check.Range("rotation", Rotation, 0, 180), .. Check.Range("scale", Scale, 0, 0.5), .. Check.Range("colour", Colour, 0, 1),
        .. Check.Range("greyscale", Greyscale, 0, 1), .. Check.Range("blur", Blur, 0, 1), .. Check.Range("erasing", Erasing, 0, 1),
        .. Check.Range("mixup", Mixup, 0, BetaShares.MostAlpha, "none"), .. Check.Range("cutmix", Cutmix, 0, BetaShares.MostAlpha, "none"),
    ];

    /// <summary>The policy that draws such views, before they are mixed.</summary>
    /// <param name="usual">What the images' store does without it.</param>
    /// <returns><paramref name="usual"/> itself where nothing is changed.</returns>
    public ViewPolicy Over(ViewPolicy usual)
    {
        var preset = Preset switch
        {
            // Letters, signs and parts: what is mirrored is another letter; hands slant and vary in size.
            AugmentationPreset.Letters => new Augmentation
                { Crop = CropKind.Padded, Mirror = MirrorKind.None, Rotation = 10, Scale = 0.1 },
            AugmentationPreset.Photos => new Augmentation { Colour = 0.3, Erasing = 0.1 },
            AugmentationPreset.Small => new Augmentation { Crop = CropKind.Padded },
            AugmentationPreset.None => new Augmentation { Crop = CropKind.None, Mirror = MirrorKind.None },
            _ => new Augmentation(),
        };
        var views = new AugmentedViews(usual with { Flip = false })
        {
            Crop = Crop ?? preset.Crop ?? CropKind.Usual,
            Mirrors = Mirror ?? preset.Mirror ?? MirrorKind.Horizontal,
            Rotation = Rotation ?? preset.Rotation ?? 0,
            Scale = Scale ?? preset.Scale ?? 0,
            Colour = Colour ?? preset.Colour ?? 0,
            Greyscale = Greyscale ?? preset.Greyscale ?? 0,
            Blur = Blur ?? preset.Blur ?? 0,
            Erasing = Erasing ?? preset.Erasing ?? 0,
        };
        return views == new AugmentedViews(views.Usual) ? usual : views;
    }
}

/// <summary>What suits a kind of images.</summary>
public enum AugmentationPreset
{
    /// <summary>The usual crop of the size, mirrored sideways.</summary>
    Usual,

    /// <summary>Moved, turned by 10 degrees, a tenth larger or smaller; never mirrored.</summary>
    Letters,

    /// <summary>The usual, with colours that vary by 0.3 and a tenth of the views painted over in part.</summary>
    Photos,

    /// <summary>Moved by an eighth of the size and mirrored, whatever the size.</summary>
    Small,

    /// <summary>The images as they are.</summary>
    None,
}

/// <summary>How a view is cut from its image.</summary>
public enum CropKind
{
    /// <summary>The usual of the size: below 84 pixels a crop padded with black, else a resized box.</summary>
    Usual,

    /// <summary>The middle, as in evaluation.</summary>
    None,

    /// <summary>The middle, moved by up to an eighth of its size; its border is repeated outside.</summary>
    Padded,

    /// <summary>A box of 8 to 100 % of the area, resized.</summary>
    Resized,
}

/// <summary>Which mirror images there are, each for half of the views.</summary>
public enum MirrorKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Left and right change places.</summary>
    Horizontal,

    /// <summary>Left and right, and top and bottom, each by itself.</summary>
    Both,
}
