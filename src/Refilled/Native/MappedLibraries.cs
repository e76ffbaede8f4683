namespace Refilled.Native;

/// <summary>The shared libraries in a process's memory map, as Linux lists them in <c>/proc/self/maps</c>.</summary>
internal static class MappedLibraries
{
    private const string Deleted = " (deleted)"; // how the kernel marks a file that was replaced since

    /// <summary>Their paths, each once, in order; a file that was replaced since keeps its mark " (deleted)".</summary>
    public static IReadOnlyList<string> Parse(string maps) => [.. maps.Split('\n').Select(Path).Where(IsLibrary).Distinct()];

    // Address, rights, offset, device and inode hold no slash, so the first one begins the path, which may hold spaces.
    private static string Path(string line) => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "";

    private static bool IsLibrary(string path)
    {
        var file = System.IO.Path.GetFileName(path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path);
        return file.EndsWith(".so", StringComparison.Ordinal) || file.Contains(".so.", StringComparison.Ordinal);
    }
}
