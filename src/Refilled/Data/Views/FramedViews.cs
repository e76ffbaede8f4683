namespace Refilled.Data.Views;

internal sealed partial record Framing
{
    /// <summary>How views are drawn from what is kept.</summary>
    /// <remarks>Crops padded by an eighth (4 at 32, 8 at 64; He et al., CVPR 2016), or from 84 on resized ones (Szegedy et al., CVPR 2015).
    /// It stands apart from the rest, which Refilled.Deploy has, too.</remarks>
    public ViewPolicy Views { get; } = Square ? new PaddedCrop(Size / 8) : new ResizedCrop();
}
