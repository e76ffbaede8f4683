using System.Buffers;
using System.Security.Cryptography;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.Data;

/// <summary>The decoded pixels of one whole source, and how views are drawn from them.</summary>
/// <remarks>uint8, planar <c>[C, H, W]</c> each, in memory or in a file. Reading is safe from any thread.</remarks>
public sealed class ImageStore
{
    private readonly IPixels pixels;
    private readonly ImageShape[]? shapes;

    /// <summary>Makes a store of black images of one shape, to be filled through <see cref="Write"/>.</summary>
    internal ImageStore(long count, ImageShape shape, ViewPolicy? policy = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Width, 1);
        (ViewShape, Policy) = (shape, policy ?? new PaddedCrop());
        var images = new byte[count][];
        for (long id = 0; id < count; id++) images[id] = new byte[shape.Bytes];
        pixels = new ArrayPixels(images);
    }

    /// <summary>Takes images of shapes of their own, from which the policy draws views of one shape.</summary>
    internal ImageStore(IPixels pixels, ImageShape[]? shapes, ImageShape viewShape, ViewPolicy policy)
    {
        this.pixels = pixels;
        (this.shapes, ViewShape, Policy) = (shapes, viewShape, policy);
    }

    /// <summary>Makes a store and fills it, image by image.</summary>
    /// <param name="count">Number of images, N.</param>
    /// <param name="shape">Shape of every image and of every view.</param>
    /// <param name="fill">Writes the pixels, planar <c>[C, H, W]</c>, of the image with the given id; they are 0 before.</param>
    /// <param name="policy">How views are drawn. Default: <see cref="PaddedCrop"/> with 4 pixels, and flips.</param>
    public static ImageStore Create(long count, ImageShape shape, SpanAction<byte, long> fill, ViewPolicy? policy = null)
    {
        var store = new ImageStore(count, shape, policy);
        for (long id = 0; id < count; id++) fill(store.Write(id), id);
        return store;
    }

    /// <summary>Number of images.</summary>
    public long Count => pixels.Count;

    /// <summary>Shape of every view, and so of a batch's images.</summary>
    public ImageShape ViewShape { get; }

    /// <summary>How views are drawn.</summary>
    public ViewPolicy Policy { get; }

    /// <summary>Bytes that the pixels take, in memory or in a file.</summary>
    public long Bytes => pixels.Bytes;

    /// <summary>The pixels of an image, planar, of the shape <see cref="ShapeOf"/>; copied where they lie in a file.</summary>
    public ReadOnlySpan<byte> this[long id] => pixels.Read(id);

    /// <summary>The shape of an image as it is kept; a view may be smaller.</summary>
    public ImageShape ShapeOf(long id) => shapes?[id] ?? ViewShape;

    /// <summary>The same images, with views drawn otherwise.</summary>
    internal ImageStore With(ViewPolicy policy) => new(pixels, shapes, ViewShape, policy);

    /// <summary>Draws a view of an image.</summary>
    /// <param name="view">Which.</param>
    /// <param name="target">Receives <see cref="ViewShape"/>, planar.</param>
    public void Draw(View view, Span<byte> target)
    {
        Policy.Apply(pixels.Borrow(view.SampleId), ShapeOf(view.SampleId), target, ViewShape, view);
        GC.KeepAlive(pixels);
    }

    /// <summary>Draws views, uint8 <c>[n, C, H, W]</c>.</summary>
    internal Tensor Draw(IReadOnlyList<View> views)
    {
        var images = empty([views.Count, ViewShape.Channels, ViewShape.Height, ViewShape.Width], ScalarType.Byte, device: CPU);
        var target = images.bytes;
        for (var i = 0; i < views.Count; i++) Draw(views[i], target.Slice(i * ViewShape.Bytes, ViewShape.Bytes));
        return images;
    }

    /// <summary>Adds the pixels of an image to a hash.</summary>
    internal void AppendTo(IncrementalHash hash, long id)
    {
        hash.AppendData(pixels.Borrow(id));
        GC.KeepAlive(pixels);
    }

    /// <summary>The pixels of an image, to be filled by its source; in memory only.</summary>
    internal Span<byte> Write(long id) => ((ArrayPixels)pixels).Write(id);
}
