using Refilled.Files;
using Refilled.Fitting;

namespace Refilled.Reports.Runs;

/// <summary>The runs that paths stand for: run folders, or folders that hold some, such as a table's.</summary>
internal static class RunPlaces
{
    /// <summary>How deep runs are looked for: those of a fit that trains lie four folders below what holds it.</summary>
    private const int Deepest = 6;

    /// <summary>The run folders, in the order of the paths and then of their names.</summary>
    /// <exception cref="InputException">A path is no folder, or holds no run.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths) => [.. paths.SelectMany(Of).Distinct()];

    /// <summary>Whether a folder is that of a fit that has ended.</summary>
    public static bool IsFit(string path) => File.Exists(Path.Combine(path, FitRun.ResultName));

    /// <summary>The run folders in a folder, itself among them; there may be none.</summary>
    public static IEnumerable<string> Within(string path, int depth = Deepest)
    {
        if (RunRecord.IsRun(path)) return [path];
        // What a fit compares are parts of it; its network is what it is for.
        if (IsFit(path)) return Within(FitRun.NetworkIn(path), 0);
        if (depth == 0) return [];
        try
        {
            return [.. new DirectoryInfo(path).EnumerateDirectories()
                .Where(folder => folder.LinkTarget is null && !folder.Name.StartsWith('.'))
                .OrderBy(folder => folder.Name, StringComparer.Ordinal)
                .SelectMany(folder => Within(Path.Combine(path, folder.Name), depth - 1))];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return [];
        }
    }

    /// <summary>Checks that a folder is there and can be looked into.</summary>
    /// <exception cref="InputException">It isn't, or can't.</exception>
    public static void MustBeReadable(string path)
    {
        if (!Directory.Exists(path))
            throw new InputException(File.Exists(path) ? $"'{path}' is a file; name a run folder, or a folder of runs."
                : $"There is no folder '{path}'.");
        Disk.Try(() => Directory.EnumerateFileSystemEntries(path).Any(),
            e => new InputException($"The folder '{path}' can't be read: {e.Message}", e));
    }

    private static IReadOnlyList<string> Of(string path)
    {
        MustBeReadable(path);
        return Within(path).ToList() is { Count: > 0 } found ? found
            : throw new InputException($"There is no run in '{path}': a run folder has a {Training.RunFolder.RecipeName}.");
    }
}
