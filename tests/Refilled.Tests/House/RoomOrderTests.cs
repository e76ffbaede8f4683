using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Refilled.Tests.House;

/// <summary>The rooms of the library stand in an order, and none uses one that comes after it; see docs/architecture.md.</summary>
/// <remarks>Read from the syntax alone. A folder is a namespace, and a using that nothing needs doesn't build, so that usings say what
/// is used; what needs none is a qualified name, or stands in a folder above.</remarks>
public class RoomOrderTests
{
    /// <summary>The order; "" is what lies beside the rooms.</summary>
    internal static readonly string[] Rooms =
        ["", "Files", "Native", "Recipes", "Data", "Networks", "Weights", "Teachers", "Losses", "Evaluation", "Charts", "Training",
            "FewShot", "Experiments", "Fitting", "Tables", "Figures", "Reports"];

    [Fact]
    public void Every_folder_is_a_room_of_the_order()
    {
        var folders = Directory.GetDirectories(SourceCode.Root).Where(folder => Directory.EnumerateFiles(folder, "*.cs").Any())
            .Select(Path.GetFileName);
        Assert.Equal(Rooms.Skip(1).Order(StringComparer.Ordinal), folders.Except(["bin", "obj"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_folder_is_a_namespace_and_no_using_is_global()
    {
        Assert.All(Library.Value.Files, file => Assert.Equal($"Refilled.{file.Folder.Replace('/', '.')}".TrimEnd('.'), file.Namespace));
        Assert.DoesNotContain(Library.Value.Files, file => file.HasGlobal);
    }

    [Fact]
    public void No_room_uses_one_that_comes_after_it()
    {
        Assert.True(Library.Value.Uses.Count > 800, $"only {Library.Value.Uses.Count} uses were found");
        var wrong = Library.Value.Uses.Where(use => Array.IndexOf(Rooms, RoomOf(use.To)) > Array.IndexOf(Rooms, RoomOf(use.From)))
            .Select(use => $"{use.Place}: {RoomOf(use.From)} uses {RoomOf(use.To)}").Distinct().ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>The folders within rooms that use what lies right in their room, and are used by it, on whatever way.</summary>
    /// <remarks>They are the room's own parts. The list may become shorter, never longer.</remarks>
    private static readonly string[] PartsOfTheirRoom =
        ["Data/Decoding", "Data/Sources", "Data/Views", "FewShot/Adaptation", "FewShot/Learners", "Losses/Alignment", "Losses/Features",
            "Networks/Layers"];

    [Fact]
    public void Folders_within_a_room_form_no_circle()
    {
        // What documentation alone names is needed by no code.
        var uses = Library.Value.Uses.Where(use => !use.InComment && use.From != use.To && RoomOf(use.From) == RoomOf(use.To))
            .ToLookup(use => use.From, use => use.To);
        var within = uses.SelectMany(from => from.Append(from.Key)).Distinct().Where(folder => folder.Contains('/')).ToList();
        Assert.True(within.Count > 10, $"only {within.Count} folders were found");

        // Without what lies right in the room, none comes back to itself.
        Assert.DoesNotContain(within, folder => Reached(folder, to => to.Contains('/')).Contains(folder));
        // With it, the room's own parts alone do.
        Assert.Equal(PartsOfTheirRoom, within.Where(folder => Reached(folder, _ => true).Contains(folder))
            .Order(StringComparer.Ordinal));

        HashSet<string> Reached(string start, Func<string, bool> passes)
        {
            var reached = new HashSet<string>();
            var waiting = new Queue<string>([start]);
            while (waiting.TryDequeue(out var folder))
                foreach (var next in uses[folder].Where(passes))
                    if (reached.Add(next)) waiting.Enqueue(next);
            return reached;
        }
    }

    [Theory]
    [InlineData("Data", "using Refilled.Tables;", "Tables", false)]
    [InlineData("Data", "using static Refilled.Data.Views.View;", "Data/Views", false)]
    [InlineData("Data", "using Way = Refilled.Data.Views.View;", "Data/Views", false)]
    [InlineData("Data", "class A { string Of => Tables.TableText.Of(null); }", "Tables", false)]
    [InlineData("Data", "class A { void B(Refilled.Data.Views.View c) { } }", "Data/Views", false)]
    [InlineData("Data", "class A { void B(Views.View c) { } }", "Data/Views", false)]
    [InlineData("Data/Views", "class A { ImageSet? set; }", "Data", false)]
    [InlineData("Data/Views", "class A { object B => new List<Batch>(); }", "Data", false)]
    [InlineData("Data", "/// <summary>See <see cref=\"Tables.TableText\"/>.</summary>\nclass A;", "Tables", true)]
    public void Each_way_of_using_another_folder_is_found(string folder, string code, string used, bool inComment)
    {
        var tree = CSharpSyntaxTree.ParseText(code, SourceCode.Language, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([(inComment, used)], Uses(tree, folder, Library.Value.Names)
            .Select(use => (use.Node.IsPartOfStructuredTrivia(), use.Folder)).Distinct());
    }

    private sealed record Sources(
        List<(string Folder, string Namespace, bool HasGlobal)> Files,
        ILookup<string, string> Names,
        List<(string Place, bool InComment, string From, string To)> Uses);

    /// <summary>All files, the folders that declare each name of a type, and each use with its place.</summary>
    /// <remarks>The trees aren't kept: tests that collect all garbage would visit them each time.</remarks>
    private static readonly Lazy<Sources> Library = new(() =>
    {
        var files = SourceCode.Parsed().ToList();
        var names = files.SelectMany(file => Declared(file.Tree.GetRoot()).Distinct().Select(name => (name, file.Folder)))
            .ToLookup(pair => pair.name, pair => pair.Folder);
        return new Sources(
            [.. files.Select(file => (file.Folder,
                file.Tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Single().Name.ToString(),
                Usings(file.Tree).Any(one => !one.GlobalKeyword.IsKind(SyntaxKind.None))))],
            names,
            [.. from file in files
                from use in Uses(file.Tree, file.Folder, names)
                let line = file.Tree.GetLineSpan(use.Node.Span).StartLinePosition.Line + 1
                select ($"{file.Tree.FilePath}:{line} ({use.Node})", use.Node.IsPartOfStructuredTrivia(), file.Folder, use.Folder)]);
    });

    private static string RoomOf(string folder) => folder.Split('/')[0];

    private static SyntaxList<UsingDirectiveSyntax> Usings(SyntaxTree tree) => ((CompilationUnitSyntax)tree.GetRoot()).Usings;

    private static IEnumerable<string> Declared(SyntaxNode root) => root.DescendantNodes().Select(node => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    }).OfType<string>();

    private static IEnumerable<(SyntaxNode Node, string Folder)> Uses(SyntaxTree tree, string folder, ILookup<string, string> names)
    {
        foreach (var one in Usings(tree))
            if (FolderOf(one.NamespaceOrType.ToString()) is { } used) yield return (one, used);
        foreach (var name in tree.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<SimpleNameSyntax>())
        {
            if (name.Ancestors().OfType<UsingDirectiveSyntax>().Any()) continue;
            var left = Left(name);
            foreach (var declared in names[name.Identifier.Text])
                if (left is null ? folder.StartsWith(declared + "/", StringComparison.Ordinal)
                    : $"/{declared}".EndsWith($"/{left}", StringComparison.Ordinal))
                    yield return (name, declared);
        }
    }

    /// <summary>What stands before a name, as a folder: "Data/Views" of <c>Refilled.Data.Views.View</c>.</summary>
    private static string? Left(SimpleNameSyntax name) => name.Parent switch
    {
        QualifiedNameSyntax qualified when qualified.Right == name => qualified.Left.ToString(),
        MemberAccessExpressionSyntax member when member.Name == name => member.Expression.ToString(),
        QualifiedCrefSyntax cref when cref.Member.DescendantNodesAndSelf().Contains(name) => cref.Container.ToString(),
        NameMemberCrefSyntax { Parent: QualifiedCrefSyntax cref } member when member.Name == name => cref.Container.ToString(),
        _ => null,
    } is { } left ? (left.StartsWith("Refilled.", StringComparison.Ordinal) ? left["Refilled.".Length..] : left).Replace('.', '/') : null;

    /// <summary>The folder of a namespace, or of the type in it that is used statically or by another name.</summary>
    private static string? FolderOf(string name)
    {
        if (name.Split('.') is not ["Refilled", .. var parts]) return null;
        while (!Directory.Exists(Path.Combine([SourceCode.Root, .. parts]))) parts = parts[..^1];
        return string.Join('/', parts);
    }
}
