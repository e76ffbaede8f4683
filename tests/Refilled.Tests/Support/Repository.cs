namespace Refilled.Tests.Support;

/// <summary>Where the repository and the shared data lie.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder beside the repository, in <c>../shared</c>; the test is skipped where it is missing.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.Combine([Root, "..", "shared", .. parts]);
        if (!Path.Exists(path)) Assert.Skip($"needs ../shared/{string.Join('/', parts)}, which is not here");
        return path;
    }

    /// <summary>All C# files below some folders of the repository, without what builds make.</summary>
    /// <returns>Their paths, relative, with "/" between the parts.</returns>
    public static IEnumerable<string> Sources(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(file => !file.Split('/').Intersect(["bin", "obj"]).Any()).Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Refilled.slnx"))) return folder.FullName;
        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
