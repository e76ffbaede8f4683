using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Refilled.Data.Views;

/// <summary>Resizes rows. Sums of whole numbers are the same in any order, so every way below gives the same bytes.</summary>
/// <remarks>Where the source isn't much longer than the target, eight target pixels at a time: the two bytes that each needs
/// lie within 16 of the source, a shuffle brings them side by side, and one instruction multiplies and adds them. Where it is,
/// each target pixel has many taps in a row, and they are taken eight at a time.</remarks>
internal sealed class AcrossTaps
{
    private const int Group = 8, Loaded = 16;

    private readonly Taps taps;
    private readonly Way way;

    /// <summary>Where each step loads from; and what it does with it.</summary>
    private readonly int[] bases = [];
    private readonly short[] weights = [];
    private readonly byte[] shuffles = [];

    /// <summary>Steps of a group, or of a target pixel.</summary>
    private readonly int steps;

    public AcrossTaps(Taps taps)
    {
        this.taps = taps;
        if (!Avx2.IsSupported || taps.From < Loaded || taps.To < Group) return;
        var most = Enumerable.Range(0, taps.To).Max(i => taps.WeightsOf(i).Length);
        if (Enumerable.Range(0, (taps.To + Group - 1) / Group).All(g => Span(g) < Loaded - 1))
        {
            (way, steps) = (Way.Groups, (most + 1) / 2);
            var groups = (taps.To + Group - 1) / Group;
            (bases, shuffles, weights) = (new int[groups * steps], new byte[groups * steps * Loaded], new short[groups * steps * Loaded]);
            for (var g = 0; g < groups; g++)
                for (var step = 0; step < steps; step++) FillGroup(g, step);
        }
        else if ((most + Group - 1) / Group * Group <= taps.From)
        {
            (way, steps) = (Way.Pixels, (most + Group - 1) / Group);
            (bases, weights) = (new int[taps.To], new short[taps.To * steps * Group]);
            for (var i = 0; i < taps.To; i++)
            {
                bases[i] = Math.Min(taps.First(i), taps.From - steps * Group);
                taps.WeightsOf(i).CopyTo(weights.AsSpan(i * steps * Group + taps.First(i) - bases[i]));
            }
        }
    }

    private enum Way { Plain, Groups, Pixels }

    /// <summary>Resizes a row.</summary>
    /// <param name="row">As many bytes as the source has.</param>
    /// <param name="target">As many as the target has.</param>
    public void Apply(ReadOnlySpan<byte> row, Span<byte> target)
    {
        if (row.Length != taps.From || target.Length != taps.To)
            throw new ArgumentException($"The taps are for {taps.From} to {taps.To} pixels, not {row.Length} to {target.Length}.",
                nameof(row));
        if (way == Way.Groups) Groups(row, target);
        else if (way == Way.Pixels) Pixels(row, target);
        else Plain(taps, row, target);
    }

    /// <summary>As it is defined.</summary>
    internal static void Plain(Taps taps, ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (var x = 0; x < target.Length; x++)
        {
            var sum = Taps.One / 2;
            var source = row[taps.First(x)..];
            var own = taps.WeightsOf(x);
            for (var k = 0; k < own.Length; k++) sum += own[k] * source[k];
            target[x] = (byte)(sum >> Taps.Bits);
        }
    }

    /// <summary>First target pixel of a group; the last group reaches back, so that it is whole.</summary>
    private int Start(int group) => Math.Min(group * Group, taps.To - Group);

    /// <summary>Bytes from a group's first to its last first tap.</summary>
    private int Span(int group) => taps.First(Start(group) + Group - 1) - taps.First(Start(group));

    private void FillGroup(int group, int step)
    {
        var at = group * steps + step;
        bases[at] = Math.Min(taps.First(Start(group)) + 2 * step, taps.From - Loaded);
        for (var lane = 0; lane < Loaded; lane++)
        {
            var (pixel, tap) = (Start(group) + lane / 2, 2 * step + lane % 2);
            var own = taps.WeightsOf(pixel);
            if (tap >= own.Length) continue; // weight 0 of whatever byte 0 is
            shuffles[at * Loaded + lane] = (byte)(taps.First(pixel) + tap - bases[at]);
            weights[at * Loaded + lane] = own[tap];
        }
    }

    private void Groups(ReadOnlySpan<byte> row, Span<byte> target)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        ref var aim = ref MemoryMarshal.GetReference(target);
        ref var shuffle = ref MemoryMarshal.GetArrayDataReference(shuffles);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights);
        for (var (at, start) = (0, 0); at < bases.Length; start += Group)
        {
            var sum = Vector256.Create(Taps.One / 2);
            for (var step = 0; step < steps; step++, at++)
            {
                var bytes = Ssse3.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)bases[at]),
                    Vector128.LoadUnsafe(ref shuffle, (nuint)(at * Loaded)));
                sum += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(bytes),
                    Vector256.LoadUnsafe(ref weight, (nuint)(at * Loaded)));
            }
            sum >>>= Taps.Bits;
            var words = Sse2.PackSignedSaturate(sum.GetLower(), sum.GetUpper());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref aim, Math.Min(start, taps.To - Group)),
                Sse2.PackUnsignedSaturate(words, words).AsUInt64()[0]);
        }
    }

    private void Pixels(ReadOnlySpan<byte> row, Span<byte> target)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights);
        var at = 0;
        for (var x = 0; x < target.Length; x++)
        {
            var sum = Vector128<int>.Zero;
            for (var step = 0; step < steps; step++, at += Group)
            {
                var eight = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, bases[x] + step * Group));
                var bytes = Vector128.CreateScalarUnsafe(eight).AsByte();
                sum += Sse2.MultiplyAddAdjacent(Sse41.ConvertToVector128Int16(bytes), Vector128.LoadUnsafe(ref weight, (nuint)at));
            }
            target[x] = (byte)((Vector128.Sum(sum) + Taps.One / 2) >> Taps.Bits);
        }
    }
}
