using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Refilled.Tests.House;

/// <summary>The rooms of the library stand in an order, and none uses one that comes after it; see docs/architecture.md.</summary>
public class RoomOrderTests
{
    /// <summary>The order; "" is what lies beside the rooms.</summary>
    internal static readonly string[] Rooms =
        ["", "Files", "Native", "Recipes", "Data", "Networks", "Weights", "Teachers", "Losses", "Evaluation", "Training", "FewShot",
            "Experiments", "Fitting", "Tables", "Figures"];

    [Fact]
    public void Every_folder_is_a_room_of_the_order()
    {
        var folders = Directory.GetDirectories(SourceCode.Root).Where(folder => Directory.EnumerateFiles(folder, "*.cs").Any())
            .Select(Path.GetFileName);
        Assert.Equal(Rooms.Skip(1).Order(StringComparer.Ordinal), folders.Except(["bin", "obj"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_room_uses_one_that_comes_after_it()
    {
        Assert.True(All.Value.Count > 5000, $"only {All.Value.Count} uses were found: were the sources compiled?");
        var wrong = All.Value.Where(use => Array.IndexOf(Rooms, RoomOf(use.To)) > Array.IndexOf(Rooms, RoomOf(use.From)))
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
        var uses = All.Value.Where(use => !use.InComment && use.From != use.To && RoomOf(use.From) == RoomOf(use.To))
            .ToLookup(use => use.From, use => use.To);
        var within = uses.SelectMany(from => from.Append(from.Key)).Distinct().Where(folder => folder.Contains('/')).ToList();
        Assert.True(within.Count > 10, $"only {within.Count} folders were found: were the sources compiled?");

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

    /// <summary>Each using of a room, and each name that stands for a type or a member of one: where, and between which folders.</summary>
    private static readonly Lazy<List<(string Place, bool InComment, string From, string To)>> All = new(() =>
        [.. from tree in SourceCode.Compilation.SyntaxTrees
            let folder = SourceCode.FolderOf(tree.FilePath)
            where folder is not null
            from use in Uses(tree.GetRoot(), SourceCode.Compilation.GetSemanticModel(tree))
            let line = tree.GetLineSpan(use.Node.Span).StartLinePosition.Line + 1
            select ($"{Path.GetRelativePath(SourceCode.Root, tree.FilePath)}:{line} ({use.Node})",
                use.Node.IsPartOfStructuredTrivia(), folder, use.Folder)]);

    private static string RoomOf(string folder) => folder.Split('/')[0];

    private static IEnumerable<(SyntaxNode Node, string Folder)> Uses(SyntaxNode root, SemanticModel model)
    {
        foreach (var node in root.DescendantNodes(descendIntoTrivia: true))
        {
            if (node is UsingDirectiveSyntax { Name: { } name } && name.ToString().Split('.') is ["Refilled", .. var folders]
                && Directory.Exists(Path.Combine([SourceCode.Root, .. folders])))
                yield return (node, string.Join('/', folders));
            if (node is SimpleNameSyntax && model.GetSymbolInfo(node).Symbol is { } symbol
                && (symbol as INamedTypeSymbol ?? symbol.ContainingType)?.OriginalDefinition.DeclaringSyntaxReferences is [var declared, ..]
                && SourceCode.FolderOf(declared.SyntaxTree.FilePath) is { } used)
                yield return (node, used);
        }
    }
}
