using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>CIFAR-FS: the classes of CIFAR-100 by three lists of names, all images of each.</summary>
public class CifarFsTests
{
    private static readonly string[] Parts = ["train", "val", "test"];

    private static string[] Names(string path) =>
        [.. File.ReadLines(path).Select(line => line.Split('#')[0].Trim()).Where(name => name.Length > 0)];

    [Fact]
    public void The_shipped_lists_are_the_published_split()
    {
        foreach (var part in Parts)
            Assert.Equal(Names(Repository.Shared("data", "cifar-fs", part + ".txt")),
                Names(Path.Combine(Repository.Root, "recipes", "middle-shot", "cifar-fs", part + ".txt")));
    }

    [Fact]
    public void The_three_parts_are_disjoint_and_have_all_images_of_their_classes()
    {
        var data = DataCatalog.Load("cifar100:" + Repository.Shared("data", "cifar-100-binary.tar.gz"));
        var parts = Parts.Select(part =>
            data.Joined(ClassSpec.Parse(Repository.Shared("data", "cifar-fs", part + ".txt")).Resolve(data))).ToList();
        Assert.Equal([64, 16, 20], parts.Select(part => part.Classes));
        Assert.Equal(100, parts.SelectMany(part => part.ClassNames).Distinct().Count());
        Assert.All(parts, part => Assert.All(part.Labels.CountBy(label => label), pair => Assert.Equal(600, pair.Value)));
        Assert.Equal(60_000, parts.SelectMany(part => part.SampleIds).Distinct().Count());
        // The labels are right: each image's class bears the name that the source gives it.
        var names = Enumerable.Range(0, data.Train.Count)
            .ToDictionary(i => data.Train.SampleIds[i], i => data.Train.ClassNames[data.Train.Labels[i]]);
        Assert.All(parts, part => Assert.All(Enumerable.Range(0, part.Count).Where(i => names.ContainsKey(part.SampleIds[i])),
            i => Assert.Equal(names[part.SampleIds[i]], part.ClassNames[part.Labels[i]])));
    }
}
