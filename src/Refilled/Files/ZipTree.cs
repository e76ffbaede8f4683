using System.IO.Compression;

namespace Refilled.Files;

/// <summary>A .zip archive, read where it lies.</summary>
internal sealed class ZipTree : FileTree
{
    private readonly ZipArchive archive;
    private readonly Dictionary<string, ZipArchiveEntry> entries = [];

    public ZipTree(string path) : base(path)
    {
        archive = ZipFile.OpenRead(path);
        var folders = new List<string>();
        foreach (var entry in archive.Entries)
        {
            var name = Plain(path, entry.FullName);
            if (name.EndsWith('/')) folders.Add(name.TrimEnd('/'));
            else if (!entries.TryAdd(name, entry)) throw new InputException($"'{path}' holds {name} twice.");
        }
        List(entries.Keys, folders);
    }

    /// <inheritdoc/>
    public override void Dispose() => archive.Dispose();

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long> limit,
        CancellationToken cancel)
    {
        // In the archive's own order, so that the disk reads forwards.
        foreach (var entry in archive.Entries)
        {
            cancel.ThrowIfCancellationRequested();
            var name = Plain(Path, entry.FullName);
            if (!wanted.Contains(name)) continue;
            CheckSize(name, entry.Length, limit(name));
            if (entry.Length > entry.CompressedLength * Packed.LargestRatio + 1024)
                throw new InputException($"'{Path}': {name} claims {entry.Length} bytes in {entry.CompressedLength} packed "
                    + "ones; that is impossible.");
            if (entry.IsEncrypted) throw new InputException($"'{Path}' is encrypted; unpack it first.");
            var bytes = new byte[entry.Length];
            using var stream = new StoppableStream(entry.Open(), cancel);
            stream.ReadExactly(bytes);
            take(name, bytes);
        }
    }
}
