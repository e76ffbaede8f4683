using System.IO.Compression;
using System.Text;

namespace Refilled.Files;

/// <summary>A .zip archive, read where it lies.</summary>
internal sealed class ZipTree : ArchiveTree
{
    /// <summary>Longer than any path.</summary>
    private const int LongestLink = 4096;

    private readonly ZipArchive archive;

    public ZipTree(string path) : base(path)
    {
        archive = ZipFile.Open(path, ZipArchiveMode.Read, new ZipNames());
        var (files, folders, links) = (new List<string>(), new List<string>(), new Dictionary<string, string>());
        foreach (var entry in archive.Entries)
        {
            var name = Plain(path, entry.FullName);
            if (name.EndsWith('/')) folders.Add(name.TrimEnd('/'));
            else if (IsLink(entry)) links[name] = Encoding.UTF8.GetString(Content(entry, CancellationToken.None));
            else files.Add(name);
        }
        ListEntries(files, folders, links);
    }

    /// <inheritdoc/>
    public override void Dispose() => archive.Dispose();

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Action<string, string> refuse,
        Func<string, long> limit, CancellationToken cancel)
    {
        var names = ByEntry(wanted);
        // In the archive's own order, so that the disk reads forwards.
        foreach (var entry in archive.Entries)
        {
            cancel.ThrowIfCancellationRequested();
            var bytes = (byte[]?)null;
            foreach (var name in names[Plain(Path, entry.FullName)])
            {
                if (TooLarge(entry.Length, limit(name)) is { } reason) refuse(name, reason);
                else take(name, bytes ??= Content(entry, cancel));
            }
        }
    }

    /// <summary>Whether an entry is a symbolic link, by the Unix mode in the upper half of its attributes.</summary>
    private static bool IsLink(ZipArchiveEntry entry) =>
        ((entry.ExternalAttributes >> 16) & 0xF000) == 0xA000 && entry.Length is > 0 and <= LongestLink;

    private byte[] Content(ZipArchiveEntry entry, CancellationToken cancel)
    {
        if (entry.Length > entry.CompressedLength * Packed.LargestRatio + 1024)
            throw new InputException($"'{Path}': {entry.FullName} claims {entry.Length} bytes in {entry.CompressedLength} packed "
                + "ones; that is impossible.");
        if (entry.IsEncrypted) throw new InputException($"'{Path}' is encrypted; unpack it first.");
        var bytes = new byte[entry.Length];
        using var stream = new StoppableStream(Unpacked(entry), cancel);
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The content of an entry, unpacked as it is read.</summary>
    private Stream Unpacked(ZipArchiveEntry entry)
    {
        try
        {
            return entry.Open();
        }
        // The runtime names the method in its message alone; what else it finds wrong here is the place of the entry.
        catch (InvalidDataException e) when (e.Message.Contains("compress", StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException($"'{Path}': {entry.FullName} is packed by a method that isn't read here ({e.Message.TrimEnd('.')}). "
                + "Pack the archive anew by the usual method, Deflate, or unpack it and name its folder.", e);
        }
    }
}
