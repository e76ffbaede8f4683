namespace Refilled.Files;

/// <summary>The links in an archive, followed as the system would where it is unpacked, but never out of it.</summary>
internal sealed class ArchiveLinks
{
    /// <summary>Links that lead to links end after so many, as the system's do.</summary>
    private const int MostHops = 40;

    /// <summary>Deeper than any path that can be unpacked.</summary>
    private const int MostLevels = 256;

    /// <summary>More folders than any data set has by links: those that lead to links can make any number.</summary>
    private const int MostFolders = 100_000;

    private readonly HashSet<string> files;
    private readonly IReadOnlyDictionary<string, string> links;
    private readonly Dictionary<string, SortedSet<string>> children = new() { [""] = new(StringComparer.Ordinal) };
    private readonly Dictionary<string, string> linked = [];
    private readonly Dictionary<string, string> dead = [];
    private readonly HashSet<string> folders;
    private int reached;

    /// <param name="files">The files of the archive.</param>
    /// <param name="folders">The folders that it names.</param>
    /// <param name="links">What each link leads to: from the link's own folder, or "/name" from the archive's beginning for hard
    /// links.</param>
    /// <exception cref="InvalidDataException">They make names without end.</exception>
    public ArchiveLinks(HashSet<string> files, IEnumerable<string> folders, IReadOnlyDictionary<string, string> links)
    {
        (this.files, this.links, this.folders) = (files, links, [.. folders]);
        this.folders.Remove(""); // "./" is the archive itself
        foreach (var name in files.Concat(this.folders).Concat(links.Keys).Where(name => name.Length > 0)) Enter(name);
        foreach (var folder in this.folders) children.TryAdd(folder, new(StringComparer.Ordinal));
        Walk("", "", []);
    }

    /// <summary>Names of files that links make, each with the file's own name.</summary>
    public IReadOnlyDictionary<string, string> Files => linked;

    /// <summary>The folders, with those that links make.</summary>
    public IReadOnlyCollection<string> Folders => folders;

    /// <summary>Links that lead to nothing within the archive, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Dead => dead;

    private void Enter(string name)
    {
        while (true)
        {
            var end = name.LastIndexOf('/');
            var folder = end < 0 ? "" : name[..end];
            var known = children.TryGetValue(folder, out var within);
            if (!known) children[folder] = within = new(StringComparer.Ordinal);
            within!.Add(name[(end + 1)..]);
            if (known || end < 0) return;
            name = folder;
        }
    }

    /// <param name="shown">The folder's name, through links.</param>
    /// <param name="real">Its own name.</param>
    /// <param name="above">The own names of those that it was reached through.</param>
    private void Walk(string shown, string real, IReadOnlyList<string> above)
    {
        IReadOnlyList<string> way = [.. above, real];
        if (shown.Length > 0) folders.Add(shown);
        if (way.Count > MostLevels || (shown != real && ++reached > MostFolders))
            throw new InvalidDataException("its links make names without end");
        foreach (var child in children[real])
        {
            var (name, own) = (Join(shown, child), Join(real, child));
            var followed = false;
            if (links.TryGetValue(own, out var target))
            {
                if (Lead(own) is not { } end)
                {
                    dead[name] = target.StartsWith('/') || Climbs(real, target)
                        ? $"is a link to '{target}', outside the archive" : $"is a link to '{target}', which the archive lacks";
                    continue;
                }
                (own, followed) = (end, true);
            }
            if (files.Contains(own))
            {
                if (name != own) linked[name] = own;
            }
            // A link to a folder that it lies in says nothing new.
            else if (!followed || !way.Any(one => one == own || own.Length == 0 || one.StartsWith(own + "/", StringComparison.Ordinal)))
                Walk(name, own, way);
        }
    }

    /// <summary>What a link leads to in the end; null where that isn't in the archive.</summary>
    private string? Lead(string link)
    {
        var hops = 0;
        return Resolve(link, ref hops) is { } end && (files.Contains(end) || children.ContainsKey(end)) ? end : null;
    }

    private string? Resolve(string name, ref int hops)
    {
        var real = "";
        foreach (var part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                if (real.Length == 0) return null;
                real = FolderOf(real);
                continue;
            }
            var next = Join(real, part);
            if (links.TryGetValue(next, out var target))
            {
                if (++hops > MostHops || target.StartsWith('/')) return null;
                if (Resolve($"{real}/{target}", ref hops) is not { } end) return null;
                next = end;
            }
            real = next;
        }
        return real;
    }

    private static bool Climbs(string folder, string target)
    {
        var depth = folder.Length == 0 ? 0 : folder.Count(c => c == '/') + 1;
        return target.Split('/').Any(part => (depth += part switch { "" or "." => 0, ".." => -1, _ => 1 }) < 0);
    }

    private static string FolderOf(string name) => name.LastIndexOf('/') is >= 0 and var end ? name[..end] : "";

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
}
