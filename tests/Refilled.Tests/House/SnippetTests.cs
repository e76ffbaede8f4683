using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

/// <summary>The programs in the documents compile against the public face of the library, and run.</summary>
/// <remarks>A comment <c>&lt;!-- snippet: compiles --&gt;</c> on the line before a block says that it is not to be run.</remarks>
public partial class SnippetTests
{
    private const string CompilesOnly = "<!-- snippet: compiles -->";

    public static TheoryData<string, int> Snippets()
    {
        var found = new TheoryData<string, int>();
        foreach (var document in Documents())
            for (var i = 0; i < Blocks(document).Count; i++) found.Add(document, i);
        return found;
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void It_compiles_and_runs(string document, int number)
    {
        var (code, runs) = Blocks(document)[number];
        using var program = new MemoryStream();
        var made = Compile(code).Emit(program, cancellationToken: TestContext.Current.CancellationToken);
        var errors = made.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error);
        Assert.True(made.Success, $"{document}, block {number + 1}:\n{string.Join('\n', errors)}");
        if (runs) Run(program);
    }

    [Fact]
    public void There_are_snippets_that_run() => Assert.Contains(Blocks("README.md"), block => block.Runs);

    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Append(Repository.Root)
                .Select(folder => Path.Combine(folder, "README.md")).Where(File.Exists))
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static List<(string Code, bool Runs)> Blocks(string document) =>
        [.. Fenced().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n"))
            .Select(match => (match.Groups["code"].Value, match.Groups["before"].Value.Trim() != CompilesOnly))];

    private static CSharpCompilation Compile(string code)
    {
        var trees = new[] { SourceCode.ImplicitUsings, code }.Select(text => CSharpSyntaxTree.ParseText(text, SourceCode.Language));
        return CSharpCompilation.Create("Snippet", trees, SourceCode.References,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
    }

    private static void Run(MemoryStream program)
    {
        program.Position = 0;
        var main = new AssemblyLoadContext("snippet").LoadFromStream(program).EntryPoint!;
        object?[] arguments = main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
        main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    [GeneratedRegex(@"(?<before>[^\n]*)\n```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
