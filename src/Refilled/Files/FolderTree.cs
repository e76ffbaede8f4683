namespace Refilled.Files;

/// <summary>A folder on disk. Links to folders are followed, as data sets are often put together by them.</summary>
internal sealed class FolderTree : FileTree
{
    /// <summary>Deeper than any data set, and an end to links that lead back.</summary>
    private const int MostLevels = 8;

    public FolderTree(string path) : base(path)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MostLevels,
            IgnoreInaccessible = false,
            AttributesToSkip = 0,
        };
        List(Relative(Directory.EnumerateFiles(path, "*", options)), Relative(Directory.EnumerateDirectories(path, "*", options)));
    }

    /// <inheritdoc/>
    public override void Dispose() { }

    /// <inheritdoc/>
    protected override IEnumerable<string> FilesBehind(IReadOnlyList<string> names) =>
        names.Select(name => System.IO.Path.Combine(Path, name));

    /// <inheritdoc/>
    protected override void ReadFiles(IReadOnlySet<string> wanted, Action<string, byte[]> take, Func<string, long> limit,
        CancellationToken cancel)
    {
        foreach (var name in wanted.Order(StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            var file = System.IO.Path.Combine(Path, name);
            if (!File.Exists(file)) continue;
            CheckSize(name, new FileInfo(file).Length, limit(name));
            take(name, File.ReadAllBytes(file));
        }
    }

    private IEnumerable<string> Relative(IEnumerable<string> paths) =>
        paths.Select(path => System.IO.Path.GetRelativePath(Path, path).Replace(System.IO.Path.DirectorySeparatorChar, '/'));
}
