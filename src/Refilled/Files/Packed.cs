using System.Formats.Tar;
using System.IO.Compression;

namespace Refilled.Files;

/// <summary>What holds for every archive that is packed by Deflate, and how a .tar.gz is passed through.</summary>
internal static class Packed
{
    /// <summary>Deflate can't shrink anything further than 1032-fold, so what claims more lies.</summary>
    public const long LargestRatio = 1032;

    /// <summary>The entries of a .tar.gz, one after the other, from its beginning to its checksum.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static IEnumerable<TarEntry> Tar(string path, CancellationToken cancel)
    {
        using var stream = new StoppableStream(File.OpenRead(path), cancel);
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        using var archive = new TarReader(unpacked, leaveOpen: true);
        while (Next(archive) is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            yield return entry;
        }
        // The stream's checksum comes last, and it is only compared by who reads as far.
        var rest = new byte[1 << 16];
        while (unpacked.Read(rest) > 0) { }
    }

    /// <summary>Whether an entry is a plain file.</summary>
    public static bool IsFile(TarEntry entry) => entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;

    /// <summary>The next entry. What a damaged header makes the reader throw (dates and sizes out of range) is damage too.</summary>
    private static TarEntry? Next(TarReader archive)
    {
        try
        {
            return archive.GetNextEntry();
        }
        catch (Exception e) when (e is OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
