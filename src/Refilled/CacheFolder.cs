namespace Refilled;

/// <summary>The user's cache folder. What lies there can be made again, and may be deleted at any time.</summary>
internal static class CacheFolder
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "REFILLED_CACHE";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>$REFILLED_CACHE, else $XDG_CACHE_HOME/refilled, else ~/.cache/refilled; it needn't exist.</summary>
    /// <returns>An absolute path; null where there is neither such a variable nor a home folder.</returns>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen) return Path.GetFullPath(chosen);
        // A relative XDG_CACHE_HOME is to be ignored, says the XDG Base Directory Specification.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches && Path.IsPathRooted(caches))
            return Path.Combine(caches, "refilled");
        return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
            ? Path.Combine(home, ".cache", "refilled")
            : null;
    }

    /// <summary>Creates a folder and those above it, where nobody else may write, whatever the umask is.</summary>
    /// <remarks>What lies there is believed, and some of it is code. .NET gives the mode to the last folder only, so each is
    /// created on its own.</remarks>
    public static void Create(string path)
    {
        if (Directory.Exists(path)) return;
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent) Create(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Private);
    }
}
