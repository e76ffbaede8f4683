namespace Refilled.Files;

/// <summary>An archive as files by name; links in it are followed within it.</summary>
internal abstract class ArchiveTree : FileTree
{
    protected ArchiveTree(string path) : base(path) { }

    /// <summary>Takes the listing.</summary>
    /// <param name="files">Its entries that are files.</param>
    /// <param name="folders">Those that are folders; it needn't name any.</param>
    /// <param name="links">Those that are links, with what each leads to; see <see cref="ArchiveLinks"/>.</param>
    protected void ListEntries(IEnumerable<string> files, IEnumerable<string> folders, IReadOnlyDictionary<string, string> links)
    {
        var own = files.Select(name => (name, name));
        if (links.Count == 0)
        {
            List(own, folders, new Dictionary<string, string>());
            return;
        }
        var followed = new ArchiveLinks([.. own.Select(file => file.Item1)], folders, links);
        List(own.Concat(followed.Files.Select(file => (file.Key, file.Value))), followed.Folders, followed.Dead);
    }

    /// <summary>Names that are wanted, by the entry that holds each.</summary>
    protected ILookup<string, string> ByEntry(IReadOnlySet<string> wanted) => wanted.ToLookup(PlaceOf);
}
