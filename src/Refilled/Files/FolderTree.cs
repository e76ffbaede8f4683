using System.IO.Enumeration;

namespace Refilled.Files;

/// <summary>A folder on disk, or some files from there.</summary>
/// <remarks>Links to folders are followed, as data sets are often put together by them; those that lead back to a folder that they lie in
/// are not.</remarks>
internal sealed class FolderTree : FileTree
{
    /// <summary>Deeper than any data set.</summary>
    private const int MostLevels = 16;

    private readonly string folder;

    public FolderTree(string path, CancellationToken cancel) : base(path)
    {
        folder = path;
        var found = new Listing();
        Walk("", RealPath(path), [], found, cancel);
        List(found.Files.Select(name => (name, name)), found.Folders, found.Unreadable);
    }

    /// <inheritdoc cref="FileTree.OfFiles"/>
    public FolderTree(string path, string folder, IEnumerable<string> names) : base(path)
    {
        this.folder = folder;
        ListGiven(names);
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    protected override IEnumerable<string> FilesBehind(IReadOnlyList<string> names) => names.Select(PathOf);

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Action<string, string> refuse,
        Func<string, long> limit, CancellationToken cancel)
    {
        foreach (var name in wanted.Order(StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            if (Content(PathOf(name), limit(name), out var reason) is { } content) take(name, content);
            else if (reason is not null) refuse(name, reason);
        }
    }

    /// <returns>The file's bytes; null where it isn't there, or can't be read for a reason.</returns>
    private static byte[]? Content(string path, long limit, out string? reason)
    {
        reason = null;
        try
        {
            var file = Behind(path);
            if (!file.Exists) return null;
            // What has no bytes may be a pipe or a device: opening it could wait for ever.
            if (file.Length == 0) return [];
            return (reason = TooLarge(file.Length, limit)) is null ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"can't be read ({e.Message.TrimEnd('.')})";
            return null;
        }
    }

    private string PathOf(string name) => System.IO.Path.Combine(folder, PlaceOf(name));

    /// <param name="within">The folder, by its name in the tree.</param>
    /// <param name="real">Where it truly lies.</param>
    /// <param name="above">Where those truly lie that it was reached through.</param>
    /// <param name="found">Takes what is found.</param>
    /// <param name="cancel">Stops it.</param>
    private void Walk(string within, string real, IReadOnlyList<string> above, Listing found, CancellationToken cancel)
    {
        IReadOnlyList<string> way = [.. above, real];
        foreach (var (entry, attributes) in Entries(System.IO.Path.Combine(folder, within)))
        {
            cancel.ThrowIfCancellationRequested();
            if (Hidden(entry)) continue;
            var name = within.Length == 0 ? entry : $"{within}/{entry}";
            var link = attributes.HasFlag(FileAttributes.ReparsePoint);
            if (!attributes.HasFlag(FileAttributes.Directory))
            {
                if (link && DeadLink(System.IO.Path.Combine(folder, name)) is { } dead) found.Unreadable[name] = dead;
                else found.Files.Add(name);
                continue;
            }
            found.Folders.Add(name);
            try
            {
                var place = link ? RealPath(System.IO.Path.Combine(folder, name)) : System.IO.Path.Combine(real, entry);
                if (link && way.Any(one => LiesIn(one, place))) continue;
                if (way.Count < MostLevels) Walk(name, place, way, found, cancel);
                else found.Unreadable[name] = $"lies more than {MostLevels} folders deep";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                found.Unreadable[name] = $"can't be opened ({e.Message.TrimEnd('.')})";
            }
        }
    }

    private static FileSystemEnumerable<(string Name, FileAttributes Attributes)> Entries(string path) =>
        new(path, (ref FileSystemEntry entry) => (entry.FileName.ToString(),
                entry.Attributes | (entry.IsDirectory ? FileAttributes.Directory : 0)),
            new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = 0 });

    /// <summary>Why a link leads nowhere; null where it leads somewhere.</summary>
    private static string? DeadLink(string path)
    {
        try
        {
            return Behind(path).Exists ? null : $"is a link to '{new FileInfo(path).LinkTarget}', which isn't there";
        }
        catch (IOException)
        {
            return "is a link that leads back to itself";
        }
    }

    private static bool LiesIn(string path, string folder) => path == folder
        || (path.StartsWith(folder, StringComparison.Ordinal)
            && (System.IO.Path.EndsInDirectorySeparator(folder) || path[folder.Length] == System.IO.Path.DirectorySeparatorChar));

    /// <summary>Where a folder truly lies: its path without links.</summary>
    private static string RealPath(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var real = System.IO.Path.GetPathRoot(full)!;
        foreach (var part in full[real.Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo(System.IO.Path.Combine(real, part));
            real = next.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : next.FullName;
        }
        return real;
    }

    private sealed record Listing
    {
        public List<string> Files { get; } = [];
        public List<string> Folders { get; } = [];
        public Dictionary<string, string> Unreadable { get; } = [];
    }
}
