using System.Formats.Tar;

namespace Refilled.Files;

/// <summary>A .tar.gz archive. It can only be read from its beginning, so each reading passes through the whole.</summary>
internal sealed class TarTree : ArchiveTree
{
    public TarTree(string path, CancellationToken cancel) : base(path)
    {
        var (files, folders, links, hard) =
            (new List<string>(), new List<string>(), new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var entry in Packed.Tar(path, cancel))
        {
            var name = Plain(path, entry.Name);
            if (entry.EntryType == TarEntryType.Directory) folders.Add(name.TrimEnd('/'));
            else if (entry.EntryType == TarEntryType.SymbolicLink) links[name.TrimEnd('/')] = entry.LinkName;
            else if (entry.EntryType == TarEntryType.HardLink) hard[name] = Plain(path, entry.LinkName);
            else if (Packed.IsFile(entry)) files.Add(name);
        }
        // A hard link names its file from the archive's beginning, a symbolic one from the link's own folder.
        foreach (var (name, target) in hard)
            links[name] = string.Concat(Enumerable.Repeat("../", name.Count(c => c == '/'))) + target;
        ListEntries(files, folders, links);
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Action<string, string> refuse,
        Func<string, long> limit, CancellationToken cancel)
    {
        var names = ByEntry(wanted);
        var packed = new FileInfo(Path).Length;
        foreach (var entry in Packed.Tar(Path, cancel))
        {
            var own = Plain(Path, entry.Name);
            if (!Packed.IsFile(entry) || !names.Contains(own)) continue;
            var bytes = (byte[]?)null;
            foreach (var name in names[own])
            {
                if (TooLarge(entry.Length, Math.Min(limit(name), packed * Packed.LargestRatio)) is { } reason)
                {
                    refuse(name, reason);
                    continue;
                }
                if (bytes is null)
                {
                    bytes = new byte[entry.Length];
                    entry.DataStream?.ReadExactly(bytes); // an empty file has no stream
                }
                take(name, bytes);
            }
        }
    }
}
