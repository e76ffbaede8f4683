using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Refilled.Data.Views;

/// <summary>Resizes columns, a whole target row at a time.</summary>
/// <remarks>Sums of whole numbers are the same in any order, so both ways give the same bytes.</remarks>
internal static class DownTaps
{
    private const int Step = 16;

    /// <summary>Makes row <paramref name="y"/> of the target.</summary>
    /// <param name="taps">From the rows' number to the target's.</param>
    /// <param name="rows">All source rows, each as long as the target.</param>
    /// <param name="target">The row.</param>
    /// <param name="y">Which.</param>
    public static void Apply(Taps taps, ReadOnlySpan<byte> rows, Span<byte> target, int y)
    {
        if (rows.Length != taps.From * target.Length)
            throw new ArgumentException($"{taps.From} rows of {target.Length} bytes are needed, not {rows.Length} bytes.", nameof(rows));
        if (Avx2.IsSupported && target.Length >= Step) Fast(taps, rows, target, y);
        else Plain(taps, rows, target, y);
    }

    /// <summary>As it is defined.</summary>
    internal static void Plain(Taps taps, ReadOnlySpan<byte> rows, Span<byte> target, int y)
    {
        var first = taps.First(y);
        var weights = taps.WeightsOf(y);
        for (var x = 0; x < target.Length; x++)
        {
            var sum = Taps.One / 2;
            for (var k = 0; k < weights.Length; k++) sum += weights[k] * rows[(first + k) * target.Length + x];
            target[x] = (byte)(sum >> Taps.Bits);
        }
    }

    /// <summary>Two rows at a time, byte beside byte, so that one instruction multiplies and adds them.</summary>
    private static void Fast(Taps taps, ReadOnlySpan<byte> rows, Span<byte> target, int y)
    {
        var width = target.Length;
        var weights = taps.WeightsOf(y);
        ref var source = ref MemoryMarshal.GetReference(rows[(taps.First(y) * width)..]);
        ref var aim = ref MemoryMarshal.GetReference(target);
        for (var at = 0; at < width; at += Step)
        {
            var x = Math.Min(at, width - Step); // the last step reaches back, so that it is whole
            var (low, high) = (Vector256.Create(Taps.One / 2), Vector256.Create(Taps.One / 2));
            for (var k = 0; k < weights.Length; k += 2)
            {
                var last = k + 1 == weights.Length;
                var upper = Vector128.LoadUnsafe(ref source, (nuint)(k * width + x));
                var lower = last ? upper : Vector128.LoadUnsafe(ref source, (nuint)((k + 1) * width + x));
                var pair = Vector256.Create((last ? 0 : weights[k + 1] << 16) | (ushort)weights[k]).AsInt16();
                low += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Sse2.UnpackLow(upper, lower)), pair);
                high += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(upper, lower)), pair);
            }
            low >>>= Taps.Bits;
            high >>>= Taps.Bits;
            var words = Sse2.PackSignedSaturate(low.GetLower(), low.GetUpper());
            Sse2.PackUnsignedSaturate(words, Sse2.PackSignedSaturate(high.GetLower(), high.GetUpper())).StoreUnsafe(ref aim, (nuint)x);
        }
    }
}
