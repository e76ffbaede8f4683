using System.Formats.Tar;
using System.IO.Compression;

namespace Refilled.Files;

/// <summary>A .tar.gz archive. It can only be read from its beginning, so each reading passes through the whole.</summary>
internal sealed class TarTree : FileTree
{
    /// <summary>Deflate can't shrink anything further than 1032-fold, so an archive that claims more lies.</summary>
    private const long LargestRatio = 1032;

    public TarTree(string path, CancellationToken cancel) : base(path)
    {
        var (files, folders) = (new HashSet<string>(), new List<string>());
        Pass((name, entry) =>
        {
            if (entry.EntryType == TarEntryType.Directory) folders.Add(name.TrimEnd('/'));
            else if (IsFile(entry) && !files.Add(name)) throw new InputException($"'{path}' holds {name} twice.");
        }, cancel);
        List(files, folders);
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long> limit,
        CancellationToken cancel)
    {
        var packed = new FileInfo(Path).Length;
        Pass((name, entry) =>
        {
            if (!IsFile(entry) || !wanted.Contains(name)) return;
            CheckSize(name, entry.Length, Math.Min(limit(name), packed * LargestRatio));
            var bytes = new byte[entry.Length];
            entry.DataStream?.ReadExactly(bytes); // an empty file has no stream
            take(name, bytes);
        }, cancel);
    }

    private static bool IsFile(TarEntry entry) => entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;

    private void Pass(Action<string, TarEntry> visit, CancellationToken cancel)
    {
        using var stream = File.OpenRead(Path);
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        using var archive = new TarReader(unpacked, leaveOpen: true);
        while (archive.GetNextEntry() is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            visit(Plain(Path, entry.Name), entry);
        }
        // The stream's checksum comes last, and it is only compared by who reads as far.
        var rest = new byte[1 << 16];
        while (unpacked.Read(rest) > 0) cancel.ThrowIfCancellationRequested();
    }
}
