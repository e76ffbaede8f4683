using Refilled.Data.Views;

namespace Refilled.Data.Decoding;

/// <summary>What a thread that decodes keeps from image to image: memory, and the taps of sizes that it met. Not safe for
/// several threads at once.</summary>
internal sealed class DecoderMemory
{
    /// <summary>Largest block that is kept, an image of four million pixels: larger ones are rare, and must not stay in the
    /// memory of every thread.</summary>
    private const int MostKept = 1 << 24;

    private byte[] stored = [], planes = [], kept = [];

    public Resampler Resampler { get; } = new();

    /// <summary>For the decoder's own pixels, four bytes each.</summary>
    public Span<byte> Stored(long length) => Block(ref stored, length);

    /// <summary>For the planes of the whole image.</summary>
    public Span<byte> Planes(long length) => Block(ref planes, length);

    /// <summary>For what is kept of it.</summary>
    public Span<byte> Kept(long length) => Block(ref kept, length);

    private static Span<byte> Block(ref byte[] block, long length)
    {
        if (length > MostKept) return new byte[length];
        if (block.Length < length) block = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        return block.AsSpan(0, (int)length);
    }
}
