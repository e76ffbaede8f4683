using System.IO.MemoryMappedFiles;
using System.Numerics;
using Refilled.Data.Views;

namespace Refilled.Data.Decoding;

/// <summary>What a thread that decodes keeps from image to image: memory, and the taps of sizes that it met.</summary>
/// <remarks>Not safe for several threads at once. Large blocks are pages of their own, which go as soon as they are used: neither the
/// collector nor the engine, which takes its memory from the C library, ever meets them.</remarks>
/// <param name="room">What all threads may take together for large images. Default: as much as each wants.</param>
internal sealed class DecoderMemory(DecodingRoom? room = null) : IDisposable
{
    /// <summary>Largest block that is kept, an image of four million pixels.</summary>
    /// <remarks>Larger ones are rare, and must not stay in the memory of every thread.</remarks>
    private const int MostKept = 1 << 24;

    private readonly List<LargeBlock> large = [];
    private byte[] stored = [], planes = [], kept = [];
    private long entered;

    /// <summary>Resizes.</summary>
    public Resampler Resampler { get; } = new();

    /// <summary>Waits until there is room for a large image; a small one has it always.</summary>
    /// <param name="bytes">What it needs, until <see cref="Release"/>.</param>
    public void Enter(long bytes)
    {
        if (room is null || bytes <= MostKept) return;
        room.Enter(bytes);
        entered += bytes;
    }

    /// <summary>For the decoder's own pixels, four bytes each.</summary>
    public Span<byte> Stored(long length) => Block(ref stored, length);

    /// <summary>For the planes of the whole image.</summary>
    public Span<byte> Planes(long length) => Block(ref planes, length);

    /// <summary>For what is kept of it.</summary>
    public Span<byte> Kept(long length) => Block(ref kept, length);

    /// <summary>Lets go of what is large: the last image is gone.</summary>
    public void Release()
    {
        foreach (var block in large) block.Dispose();
        large.Clear();
        if (entered > 0) room!.Leave(entered);
        entered = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private Span<byte> Block(ref byte[] block, long length)
    {
        if (length > MostKept)
        {
            large.Add(new LargeBlock(checked((int)length)));
            return large[^1].Bytes;
        }
        if (block.Length < length) block = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)length));
        return block.AsSpan(0, (int)length);
    }
}

/// <summary>Pages that belong to nobody else, and go back to the system when they are freed.</summary>
internal sealed unsafe class LargeBlock : IDisposable
{
    private readonly MemoryMappedFile pages;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly int length;

    public LargeBlock(int length)
    {
        this.length = length;
        pages = MemoryMappedFile.CreateNew(null, length);
        view = pages.CreateViewAccessor(0, length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    /// <summary>The bytes, until it is disposed of.</summary>
    public Span<byte> Bytes => new(start, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        pages.Dispose();
    }
}

/// <summary>Memory that threads share while they decode large images, so that many at once don't fill the machine.</summary>
/// <param name="bytes">How much there is; a larger image waits until it is alone.</param>
internal sealed class DecodingRoom(long bytes = 256L << 20)
{
    private readonly object door = new();
    private long taken;

    /// <summary>Waits until there is room for an image.</summary>
    public void Enter(long needed)
    {
        lock (door)
        {
            while (taken > 0 && taken + needed > bytes) Monitor.Wait(door);
            taken += needed;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Leave(long needed)
    {
        lock (door)
        {
            taken -= needed;
            Monitor.PulseAll(door);
        }
    }
}
