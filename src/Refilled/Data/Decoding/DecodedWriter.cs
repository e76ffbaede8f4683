using Microsoft.Win32.SafeHandles;
using Refilled.Data.Views;
using Refilled.Files;

namespace Refilled.Data.Decoding;

/// <summary>Decodes files into a file of decoded images.</summary>
/// <remarks>It has a temporary name until it is complete, and is gone unless it becomes so.</remarks>
internal sealed class DecodedWriter : IDisposable
{
    private readonly string path, temporary;
    private readonly SafeFileHandle handle;
    private long end = DecodedFormat.HeaderBytes;
    private long[] offsets = [];
    private DecodedFiles? images;

    /// <param name="path">The name that it gets; its folder exists.</param>
    /// <param name="create">Creates the temporary file; null creates it beside.</param>
    /// <exception cref="IOException">It can't be created.</exception>
    public DecodedWriter(string path, Func<string, SafeFileHandle>? create = null)
    {
        (this.path, temporary) = (path, $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}{Temporary}");
        handle = (create ?? (name => File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)))(temporary);
    }

    /// <summary>How the names of incomplete files end.</summary>
    public static string Temporary => ".tmp";

    /// <summary>Decodes all files.</summary>
    /// <exception cref="InputException">Files can't be read.</exception>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public DecodedFiles Fill(FileTree tree, IReadOnlyList<string> names, Framing framing, CancellationToken cancel)
    {
        var (shapes, originals) = (new ImageShape[names.Count], new ImageShape[names.Count]);
        offsets = new long[names.Count];
        Array.Fill(offsets, end);
        RandomAccess.Write(handle, new byte[DecodedFormat.HeaderBytes], 0);
        var reasons = FileDecoder.Decode(tree, names, framing, (i, image) =>
        {
            (shapes[i], originals[i]) = (image.Shape, image.Original);
            offsets[i] = Interlocked.Add(ref end, image.Pixels.Length) - image.Pixels.Length;
            RandomAccess.Write(handle, image.Pixels, offsets[i]);
        }, cancel);
        return images = new DecodedFiles(new MappedPixels(handle, [.. offsets.Select((offset, i) => (offset, shapes[i].Bytes))]),
            shapes, originals, reasons);
    }

    /// <summary>Makes the file complete. What was decoded stays readable, whatever happens to its name.</summary>
    /// <param name="key">What it is for.</param>
    /// <param name="contentHash">The hash of the data set that the images make.</param>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public void Complete(byte[] key, string contentHash)
    {
        var (header, index) = DecodedFormat.Write(key, images!, offsets, end, contentHash);
        RandomAccess.Write(handle, index, end);
        RandomAccess.Write(handle, header, 0);
        Durable.Keep(handle, temporary);
        handle.Dispose();
        File.Move(temporary, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        handle.Dispose();
        File.Delete(temporary);
    }
}
