using System.Text.Json.Serialization;
using Refilled.Data;
using Refilled.Data.Views;
using static TorchSharp.torch;

namespace Refilled.Networks;

/// <summary>What a network wants to see.</summary>
/// <remarks>Each network owns one and applies it to the batch's uint8 images, so that a teacher may see the same images at another
/// size or normalisation than its student.</remarks>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Mean">Mean of each channel, of values scaled to [0, 1].</param>
/// <param name="Std">Standard deviation of each channel, of values scaled to [0, 1].</param>
public sealed record InputSpec(int Height, int Width, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>32×32 with CIFAR-100's training means and deviations, as usually quoted.</summary>
    public static InputSpec Cifar { get; } = Square(32, ChannelStatistics.Cifar100);

    /// <summary>Square images, normalised by given statistics.</summary>
    public static InputSpec Square(int side, ChannelStatistics statistics) => new(side, side, statistics.Mean, statistics.Std);

    /// <summary>What the shorter side of an image is brought to before the middle is cut out, in pixels.</summary>
    /// <remarks>Where it is <see cref="Height"/>, the middle square is cut out first. It follows from the size, so that
    /// no network file says it.</remarks>
    [JsonIgnore]
    public int ShortSide => Framing.For(Height).ShortSide;

    /// <summary>Number of channels.</summary>
    public int Channels => Mean.Count;

    /// <summary>Scales uint8 <c>[B, C, H, W]</c> to [0, 1], resizes where the size differs, and normalises.</summary>
    /// <remarks>Resizing is bilinear, with antialiasing where it shrinks.</remarks>
    /// <param name="images">uint8 <c>[B, C, H, W]</c>.</param>
    /// <param name="device">Where the result shall be.</param>
    /// <param name="layout">How the result shall lie in memory.</param>
    /// <returns>fp32 <c>[B, C, Height, Width]</c>.</returns>
    /// <exception cref="ArgumentException">The images have another number of channels.</exception>
    public Tensor Apply(Tensor images, Device device, Layout layout = Layout.ChannelsLast)
    {
        if (images.shape[1] != Channels)
            throw new ArgumentException($"The network reads {Channels} channels; the images have {images.shape[1]}.", nameof(images));
        using var scope = NewDisposeScope();
        var placed = images.to(device);
        if (layout == Layout.ChannelsLast) placed = placed.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        var scaled = Sized(placed.to(ScalarType.Float32));
        var scale = tensor(Lines().Select(line => line.Scale).ToArray(), device: device).view(1, -1, 1, 1);
        var shift = tensor(Lines().Select(line => line.Shift).ToArray(), device: device).view(1, -1, 1, 1);
        scaled.mul_(scale).Increase(shift);
        return scaled.MoveToOuterDisposeScope();
    }

    /// <summary>Images <c>[B, C, H, W]</c> in fp32 at the size that the network wants; the same where they have it.</summary>
    internal Tensor Sized(Tensor images) => images.shape[2] == Height && images.shape[3] == Width ? images
        : nn.functional.interpolate(images, size: [Height, Width], mode: InterpolationMode.Bilinear, align_corners: false,
            antialias: images.shape[2] > Height || images.shape[3] > Width);

    /// <summary>Of each channel what makes a pixel, from 0 to 255, normalised: x · scale + shift, in one pass.</summary>
    internal IEnumerable<(float Scale, float Shift)> Lines() =>
        Mean.Zip(Std, (mean, std) => ((float)(1 / (255 * std)), (float)(-mean / std)));

    /// <summary>What happens to views of another size than the network's own; null where they have that.</summary>
    /// <param name="whose">The network, for the sentence: "The teacher 'x'".</param>
    /// <param name="view">The views.</param>
    internal string? Resizes(string whose, ImageShape view) => (view.Height, view.Width) == (Height, Width) ? null
        : $"{whose} was trained on images of {Width}×{Height} pixels, and the views have {view.Width}×{view.Height}: "
            + $"it sees each of them resized to {Width}×{Height}.";

    /// <summary>Throws where images of this size can't be halved so often.</summary>
    /// <param name="times">How often the network halves them.</param>
    /// <param name="architecture">The network's name, for the message.</param>
    /// <exception cref="InputException">They are too small.</exception>
    internal void CheckHalvings(int times, string architecture)
    {
        if (Math.Min(Height, Width) >> times == 0)
            throw new InputException($"The network {architecture} halves its images {times} times, "
                + $"so they must have at least {1 << times}×{1 << times} pixels; these have {Width}×{Height}.");
    }

    /// <summary>Value equality over the sizes and every mean and deviation.</summary>
    public bool Equals(InputSpec? other) => other is not null && Height == other.Height && Width == other.Width
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Mean.Sum(), Std.Sum());
}
