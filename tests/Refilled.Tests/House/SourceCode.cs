using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>The library's own sources, compiled once for the tests that read them.</summary>
internal static class SourceCode
{
    /// <summary>What the project file turns on by a word.</summary>
    public const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; "
        + "global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<CSharpCompilation> Made = new(Compile);

    /// <summary>Where the library's sources lie.</summary>
    public static string Root { get; } = Path.Combine(Repository.Root, "src", "Refilled");

    /// <summary>All of it, bound. What source generators would add is missing, so that some members have no symbol.</summary>
    public static CSharpCompilation Compilation => Made.Value;

    /// <summary>The language of the sources, documentation comments and all.</summary>
    public static CSharpParseOptions Language { get; } = new(LanguageVersion.Preview, DocumentationMode.Parse);

    /// <summary>All assemblies that the tests run with, the library's own among them.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(File.Exists)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>The folder of a file below <see cref="Root"/>, such as "Data/Views", or "" right in it; null outside.</summary>
    public static string? FolderOf(string path)
    {
        var relative = Path.GetRelativePath(Root, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? null : Path.GetDirectoryName(relative)!.Replace('\\', '/');
    }

    private static CSharpCompilation Compile()
    {
        var built = Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar;
        var files = Directory.GetFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains(built, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var trees = files.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), Language, path))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, Language, "implicit.cs"));
        var own = typeof(SeedStream).Assembly.Location;
        var references = References.Where(reference => reference.Display != own);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("Refilled", trees, references, options);
    }
}
