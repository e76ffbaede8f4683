using System.Text.RegularExpressions;
using Refilled.Experiments;
using Refilled.Tests.Support;

namespace Refilled.Tests.House;

public class ScriptTests
{
    /// <summary>What is added to the catalogue is held by the fingerprint; the command's tests run all of it by themselves.</summary>
    [Fact]
    public void The_lists_of_methods_are_whole()
    {
        var lists = Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "eng", "fingerprint")), "for method in ([^;]+);");
        var named = lists.SelectMany(list => list.Groups[1].Value.Split(' ')).ToHashSet();
        Assert.Empty(Methods.Names.Except(named).Except(MethodsOverEpisodes));
    }

    /// <summary>They train by few-shot tasks, so that the tables of learners run them.</summary>
    private static readonly string[] MethodsOverEpisodes =
        [.. Methods.Names.Where(name => Methods.Create(name, new LossOptions()).Stages is [.., { Episode: not null }])];
}
