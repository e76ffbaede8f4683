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
            "Experiments", "Tables"];

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
        var (wrong, seen) = (new List<string>(), 0);
        foreach (var tree in SourceCode.Compilation.SyntaxTrees)
        {
            if (SourceCode.RoomOf(tree.FilePath) is not { } room) continue;
            var model = SourceCode.Compilation.GetSemanticModel(tree);
            foreach (var (node, used) in Uses(tree.GetRoot(), model))
            {
                seen++;
                if (Array.IndexOf(Rooms, used) <= Array.IndexOf(Rooms, room)) continue;
                var line = tree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
                wrong.Add($"{Path.GetRelativePath(SourceCode.Root, tree.FilePath)}:{line}: {room} uses {used} ({node})");
            }
        }
        Assert.True(seen > 5000, $"only {seen} uses were found: were the sources compiled?");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
    }

    /// <summary>Each using of a room, and each name that stands for a type or a member of one, with its room.</summary>
    private static IEnumerable<(SyntaxNode Node, string Room)> Uses(SyntaxNode root, SemanticModel model)
    {
        foreach (var node in root.DescendantNodes(descendIntoTrivia: true))
        {
            if (node is UsingDirectiveSyntax { Name: { } name }
                && name.ToString().Split('.') is ["Refilled", var room, ..] && Rooms.Contains(room))
                yield return (node, room);
            if (node is SimpleNameSyntax && model.GetSymbolInfo(node).Symbol is { } symbol
                && (symbol as INamedTypeSymbol ?? symbol.ContainingType)?.OriginalDefinition.DeclaringSyntaxReferences is [var declared, ..]
                && SourceCode.RoomOf(declared.SyntaxTree.FilePath) is { } used)
                yield return (node, used);
        }
    }
}
