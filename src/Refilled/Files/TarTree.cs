using System.Formats.Tar;

namespace Refilled.Files;

/// <summary>A .tar.gz archive. It can only be read from its beginning, so each reading passes through the whole.</summary>
internal sealed class TarTree : FileTree
{
    public TarTree(string path, CancellationToken cancel) : base(path)
    {
        var (files, folders) = (new HashSet<string>(), new List<string>());
        foreach (var entry in Packed.Tar(path, cancel))
        {
            var name = Plain(path, entry.Name);
            if (entry.EntryType == TarEntryType.Directory) folders.Add(name.TrimEnd('/'));
            else if (Packed.IsFile(entry) && !files.Add(name)) throw new InputException($"'{path}' holds {name} twice.");
        }
        List(files, folders);
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long> limit,
        CancellationToken cancel)
    {
        var packed = new FileInfo(Path).Length;
        foreach (var entry in Packed.Tar(Path, cancel))
        {
            var name = Plain(Path, entry.Name);
            if (!Packed.IsFile(entry) || !wanted.Contains(name)) continue;
            CheckSize(name, entry.Length, Math.Min(limit(name), packed * Packed.LargestRatio));
            var bytes = new byte[entry.Length];
            entry.DataStream?.ReadExactly(bytes); // an empty file has no stream
            take(name, bytes);
        }
    }
}
