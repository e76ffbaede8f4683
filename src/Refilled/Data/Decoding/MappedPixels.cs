using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Refilled.Data.Decoding;

/// <summary>Images in a file on disk, mapped into the address space.</summary>
/// <remarks>The system reads what is asked for and lets go of it where memory is short. A span into the file is no reference that
/// the collector sees. So the file stays mapped until this object is gone, and what leaves the library is copied.</remarks>
internal sealed class MappedPixels : IPixels, IDisposable
{
    private readonly MemoryMappedViewAccessor view;
    private readonly (long Offset, int Length)[] images;
    private readonly unsafe byte* start;
    private int released;

    /// <param name="handle">The file, readable; it may be closed afterwards.</param>
    /// <param name="images">Where each image lies.</param>
    /// <exception cref="ArgumentException">An image doesn't lie within the file.</exception>
    /// <exception cref="IOException">The file can't be mapped.</exception>
    public MappedPixels(SafeFileHandle handle, (long Offset, int Length)[] images)
    {
        var length = RandomAccess.GetLength(handle);
        if (images.Any(image => image.Length < 0 || image.Offset < 0 || image.Offset > length - image.Length))
            throw new ArgumentException("An image doesn't lie within the file.", nameof(images));
        this.images = images;
        // The view outlives the mapping object, which would keep the file open, and locked.
        using var file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read,
            HandleInheritability.None, leaveOpen: true);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        unsafe
        {
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            start = pointer + view.PointerOffset;
        }
        Bytes = images.Sum(image => (long)image.Length);
    }

    /// <summary>Unmaps the file.</summary>
    ~MappedPixels() => Release();

    public long Count => images.LongLength;

    public long Bytes { get; }

    public ReadOnlySpan<byte> Borrow(long id)
    {
        ObjectDisposedException.ThrowIf(released != 0, this);
        var (offset, length) = images[id];
        unsafe
        {
            return new ReadOnlySpan<byte>(start + offset, length);
        }
    }

    public ReadOnlySpan<byte> Read(long id)
    {
        var copy = Borrow(id).ToArray();
        GC.KeepAlive(this);
        return copy;
    }

    /// <summary>Unmaps the file at once; nobody may be reading it.</summary>
    public void Dispose()
    {
        if (!Release()) return;
        view.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the pointer back, once. The handles then go by their own finalizers.</summary>
    private bool Release()
    {
        if (view is null || Interlocked.Exchange(ref released, 1) != 0) return false;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        return true;
    }
}
