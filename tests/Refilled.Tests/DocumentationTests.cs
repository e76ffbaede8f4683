using System.Text.RegularExpressions;
using Refilled.Tests.House;
using Refilled.Tests.Support;

namespace Refilled.Tests;

/// <summary>The documents speak of files that exist.</summary>
public partial class DocumentationTests
{
    private static string Architecture => File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    private static IEnumerable<string> Sources =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories);

    [Fact]
    public void Files_that_the_architecture_names_exist()
    {
        var sources = Sources.Select(path => path.Replace('\\', '/')).ToList();
        var named = SourceFiles().Matches(Architecture).Select(match => match.Groups[1].Value).ToList();
        Assert.True(named.Count > 5, $"only {named.Count} files are named");
        Assert.All(named, name => Assert.Contains(sources, path => path.EndsWith("/" + name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Types_that_the_architecture_names_exist()
    {
        var declared = Sources.SelectMany(path => Declarations().Matches(File.ReadAllText(path))).Select(match => match.Groups[1].Value)
            .ToHashSet();
        var named = Names().Matches(Architecture).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 30, $"only {named.Count} names are named");
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
            .Select(Path.GetFileName);
        Assert.All(named, name => Assert.Contains(name, declared.Concat(folders)));
    }

    [Fact]
    public void The_architecture_has_the_rooms_in_the_order_that_is_held()
    {
        var rows = Architecture.Split('\n').SkipWhile(line => !line.StartsWith("| room |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'));
        Assert.Equal(RoomOrderTests.Rooms.Skip(1), rows.Skip(3).Select(row => row.Split('`')[1]));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Links_and_recipes_lead_somewhere(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var targets = Links().Matches(text).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal))
            .Concat(Recipes().Matches(text).Select(match => match.Value));
        Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(Repository.Root, target)), target));
    }

    [GeneratedRegex("`([A-Za-z./]+\\.cs)`")]
    private static partial Regex SourceFiles();

    [GeneratedRegex("\\b(?:class|record|struct|interface|enum) ([A-Z]\\w+)")]
    private static partial Regex Declarations();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+)`")]
    private static partial Regex Names();

    [GeneratedRegex("\\]\\(([^)#]+)\\)")]
    private static partial Regex Links();

    [GeneratedRegex("recipes/[a-z0-9/-]+\\.yaml")]
    private static partial Regex Recipes();
}
