using Refilled.Data.Views;

namespace Refilled.Data.Decoding;

/// <summary>Image files after decoding, in the order of their list.</summary>
/// <param name="Pixels">What is kept of each; nothing of those that can't be used.</param>
/// <param name="Shapes">Its shape.</param>
/// <param name="Originals">The shape that each image had.</param>
/// <param name="Reasons">Why a file can't be used; null where it can.</param>
internal sealed record DecodedFiles(IPixels Pixels, ImageShape[] Shapes, ImageShape[] Originals, string?[] Reasons)
{
    /// <summary>The pixels with what draws views from them.</summary>
    public ImageStore Store(Framing framing) => new(Pixels, Shapes, framing.ViewShape, framing.Views);
}
