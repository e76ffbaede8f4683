using System.Buffers;
using System.Collections.Concurrent;

namespace Refilled.Data.Views;

/// <summary>A part of an image, in pixels.</summary>
internal readonly record struct Box(int Top, int Left, int Height, int Width);

/// <summary>Resizes planar bytes with the triangle filter, widened where the image shrinks. Safe from any thread.</summary>
/// <remarks>Bilinear with antialiasing: columns first, then rows, in fixed-point arithmetic, so that the result is the same on
/// every machine. It remembers the taps of the lengths that it met; what it gives doesn't depend on that.</remarks>
internal sealed class Resampler : IEquatable<Resampler>
{
    /// <summary>Pairs of lengths that are remembered: every length of a box and of usual images. Some kilobytes each.</summary>
    private const int MostRemembered = 2048;

    private readonly ConcurrentDictionary<(int From, int To), Taps> remembered = new();
    private int count;

    /// <summary>Resizes a box of the source to the whole target.</summary>
    public void Resize(ReadOnlySpan<byte> source, ImageShape from, Box box, Span<byte> target, ImageShape to)
    {
        var (across, down) = (TapsOf(box.Width, to.Width).Across, TapsOf(box.Height, to.Height));
        var rented = ArrayPool<byte>.Shared.Rent(box.Height * to.Width);
        var rows = rented.AsSpan(0, box.Height * to.Width);
        for (var c = 0; c < to.Channels; c++)
        {
            for (var y = 0; y < box.Height; y++)
                across.Apply(source.Slice((c * from.Height + box.Top + y) * from.Width + box.Left, box.Width),
                    rows.Slice(y * to.Width, to.Width));
            for (var y = 0; y < to.Height; y++)
                DownTaps.Apply(down, rows, target.Slice((c * to.Height + y) * to.Width, to.Width), y);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>All resamplers do the same, so that records that hold one are equal where the rest is.</summary>
    public bool Equals(Resampler? other) => other is not null;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Resampler;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    private Taps TapsOf(int from, int to)
    {
        if (remembered.TryGetValue((from, to), out var taps)) return taps;
        taps = new Taps(from, to);
        if (Volatile.Read(ref count) < MostRemembered && remembered.TryAdd((from, to), taps)) Interlocked.Increment(ref count);
        return taps;
    }
}
