using System.Text.RegularExpressions;
using Refilled.Tests.Support;

namespace Refilled.Tests;

/// <summary>The documents speak of files that exist.</summary>
public partial class DocumentationTests
{
    [Fact]
    public void Files_that_the_architecture_names_exist()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var sources = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(path => path.Replace('\\', '/')).ToList();
        var named = SourceFiles().Matches(text).Select(match => match.Groups[1].Value).ToList();
        Assert.True(named.Count > 30, $"only {named.Count} files are named");
        Assert.All(named, name => Assert.Contains(sources, path => path.EndsWith("/" + name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_type_that_the_architecture_names_has_a_file()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "architecture.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();
        var nouns = rows.SelectMany(row => Names().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value)).ToList();
        Assert.True(nouns.Count > 40, $"only {nouns.Count} nouns are named");
        Assert.All(nouns, noun => Assert.Contains(noun, files));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Links_and_recipes_lead_somewhere(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var targets = Links().Matches(text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal))
            .Concat(Recipes().Matches(text).Select(match => match.Value));
        Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(Repository.Root, target)), target));
    }

    [GeneratedRegex("`([A-Za-z./]+\\.cs)`")]
    private static partial Regex SourceFiles();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+)`")]
    private static partial Regex Names();

    [GeneratedRegex("\\]\\(([^)#]+)\\)")]
    private static partial Regex Links();

    [GeneratedRegex("recipes/[a-z0-9/-]+\\.yaml")]
    private static partial Regex Recipes();
}
