using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>The library's own sources, and what programs are compiled with that use it.</summary>
internal static class SourceCode
{
    /// <summary>What the project file turns on by a word.</summary>
    public const string ImplicitUsings = "global using System; global using System.Collections.Generic; global using System.IO; "
        + "global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>Where the library's sources lie.</summary>
    public static string Root { get; } = Path.Combine(Repository.Root, "src", "Refilled");

    /// <summary>The language of the sources, documentation comments and all.</summary>
    public static CSharpParseOptions Language { get; } = new(LanguageVersion.Preview, DocumentationMode.Parse);

    /// <summary>All assemblies that the tests run with, the library's own among them.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(File.Exists)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Its files, parsed: the folder of each below <see cref="Root"/>, such as "Data/Views", or "" right in it.</summary>
    public static IEnumerable<(string Folder, SyntaxTree Tree)> Parsed() =>
        from file in Repository.Sources("src/Refilled")
        let path = Path.Combine(Repository.Root, file)
        let tree = CSharpSyntaxTree.ParseText(File.ReadAllText(path), Language, Path.GetRelativePath(Root, path).Replace('\\', '/'))
        select (Path.GetDirectoryName(tree.FilePath)!.Replace('\\', '/'), tree);
}
