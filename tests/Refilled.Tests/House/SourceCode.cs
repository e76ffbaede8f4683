using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>The library's own sources, compiled once for the tests that read them.</summary>
internal static class SourceCode
{
    private static readonly Lazy<CSharpCompilation> Made = new(Compile);

    /// <summary>Where the library's sources lie.</summary>
    public static string Root { get; } = Path.Combine(Repository.Root, "src", "Refilled");

    /// <summary>All of it, bound. What source generators would add is missing, so that some members have no symbol.</summary>
    public static CSharpCompilation Compilation => Made.Value;

    /// <summary>The room of a file: the first folder below <see cref="Root"/>, or "" beside it; null outside.</summary>
    public static string? RoomOf(string path)
    {
        var relative = Path.GetRelativePath(Root, path).Replace('\\', '/');
        if (relative.StartsWith("..", StringComparison.Ordinal)) return null;
        var slash = relative.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : relative[..slash];
    }

    private static CSharpCompilation Compile()
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse);
        var built = Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar;
        var files = Directory.GetFiles(Root, "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains(built, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        // What the project file turns on by a word.
        const string Implicit = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
            + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var trees = files.Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), options, path)).Append(CSharpSyntaxTree.ParseText(Implicit, options, "implicit.cs"));
        var own = typeof(SeedStream).Assembly.Location;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => path != own && File.Exists(path))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Refilled", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }
}
