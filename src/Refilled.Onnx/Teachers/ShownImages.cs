using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Refilled.Onnx.Teachers;

/// <summary>A batch of images at the size that a model wants; each becomes the model's numbers when its turn comes.</summary>
/// <remarks>So each thread that runs the model makes its own input, in memory that stays in its cache, and nobody waits meanwhile
/// (docs/performance.md, "Teachers from outside").</remarks>
internal sealed class ShownImages : IDisposable
{
    private readonly ImageInput input;
    private readonly Tensor sized;
    private readonly (float Scale, float Shift)[] lines;

    /// <param name="input">What the model wants to see.</param>
    /// <param name="images">uint8 <c>[B, 3, h, w]</c>.</param>
    public ShownImages(ImageInput input, Tensor images)
    {
        this.input = input;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var fits = images.shape[2] == input.Spec.Height && images.shape[3] == input.Spec.Width;
        sized = (fits ? images.cpu() : input.Spec.Sized(images.cpu().to(ScalarType.Float32))).contiguous().DetachFromDisposeScope();
        lines = [.. input.Spec.Lines()];
    }

    /// <summary>Writes some of them as the model wants them. Several threads may.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="target">Takes their numbers, image after image: as many as have room.</param>
    public void Write(int first, Span<float> target)
    {
        var planes = input.ChannelsLast ? ArrayPool<float>.Shared.Rent(input.Length) : [];
        for (var (image, at) = (first, 0); at < target.Length; image++, at += input.Length)
        {
            var shown = target.Slice(at, input.Length);
            if (!input.ChannelsLast)
            {
                WritePlanes(image, shown);
                continue;
            }
            WritePlanes(image, planes.AsSpan(0, input.Length));
            var (channels, places) = (lines.Length, input.Length / lines.Length);
            for (var place = 0; place < places; place++)
                for (var channel = 0; channel < channels; channel++) shown[place * channels + channel] = planes[channel * places + place];
        }
        if (input.ChannelsLast) ArrayPool<float>.Shared.Return(planes);
    }

    /// <inheritdoc/>
    public void Dispose() => sized.Dispose();

    /// <summary>Pixels · scale + shift, less the mean image: rounded as the engine does it for networks of our own.</summary>
    private void WritePlanes(int image, Span<float> target)
    {
        var places = input.Length / lines.Length;
        for (var channel = 0; channel < lines.Length; channel++)
        {
            var plane = target.Slice(channel * places, places);
            var from = image * input.Length + (input.Bgr ? lines.Length - 1 - channel : channel) * places;
            if (sized.dtype == ScalarType.Byte) Widen(sized.bytes.Slice(from, places), plane);
            else MemoryMarshal.Cast<byte, float>(sized.bytes).Slice(from, places).CopyTo(plane);
            var mean = input.MeanImage is { } all ? all.AsSpan(channel * places, places) : [];
            Normalise(plane, lines[channel].Scale, lines[channel].Shift, mean);
        }
    }

    private static void Widen(ReadOnlySpan<byte> pixels, Span<float> plane)
    {
        for (var i = 0; i < pixels.Length; i++) plane[i] = pixels[i];
    }

    private static void Normalise(Span<float> plane, float scale, float shift, ReadOnlySpan<float> mean)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(plane);
        var means = MemoryMarshal.Cast<float, Vector<float>>(mean);
        for (var i = 0; i < vectors.Length; i++)
        {
            var shown = (vectors[i] * scale) + new Vector<float>(shift);
            vectors[i] = mean.IsEmpty ? shown : shown - means[i];
        }
        for (var i = vectors.Length * Vector<float>.Count; i < plane.Length; i++)
            plane[i] = (plane[i] * scale) + shift - (mean.IsEmpty ? 0 : mean[i]);
    }
}
