using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>Small made-up trees in the official layouts.</summary>
public class OfficialLayoutTests
{
    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void Tiny_ImageNet_is_read(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("tiny-imagenet:" + Make(folder, kind, OfficialTrees.Tiny()));
        Assert.Equal(["goldfish", "n02"], data.Train.ClassNames); // two ids are called "fish" but for words.txt's first
        Assert.Equal((8, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal([0, 0, 1, 1], data.Test.Labels.Order());
        Assert.Equal(new ImageShape(3, 64, 64), data.Train.Store.ViewShape);
    }

    [Fact]
    public void Tiny_ImageNet_that_contradicts_itself_is_refused()
    {
        string Refused(Action<SortedDictionary<string, byte[]>> change) => RefusedOf("tiny-imagenet", OfficialTrees.Tiny(), change);
        const string Annotations = "tiny-imagenet-200/val/val_annotations.txt";
        Assert.Contains("it has no wnids.txt", Refused(f => f.Remove("tiny-imagenet-200/wnids.txt")), StringComparison.Ordinal);
        Assert.Contains("lacks tiny-imagenet-200/val/val_annotations.txt", Refused(f => f.Remove(Annotations)), StringComparison.Ordinal);
        Assert.Contains("val_annotations.txt:4 names the image v3.JPEG, which val/images/ doesn't hold",
            Refused(f => f.Remove("tiny-imagenet-200/val/images/v3.JPEG")), StringComparison.Ordinal);
        Assert.Contains("has no class for 1 image of val/images/, such as v9.JPEG",
            Refused(f => f["tiny-imagenet-200/val/images/v9.JPEG"] = MadeUpFiles.Picture(9)), StringComparison.Ordinal);
        Assert.Contains("names the class n09", Refused(f => f[Annotations] = MadeUpFiles.Text("v0.JPEG\tn09\t0\t0\t1\t1\n")),
            StringComparison.Ordinal);
        Assert.Contains("separated by a tab", Refused(f => f[Annotations] = MadeUpFiles.Text("v0.JPEG n01\n")), StringComparison.Ordinal);
        Assert.Contains("train/ has the class n05", Refused(f => f["tiny-imagenet-200/train/n05/images/x.JPEG"] = MadeUpFiles.Picture(9)),
            StringComparison.Ordinal);
        Assert.Contains("no training images of the class 'n07'",
            Refused(f => f["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn02\nn07\n")), StringComparison.Ordinal);
        Assert.Contains("two of the ids of wnids.txt are called 'n01'",
            Refused(f => f["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn01\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("tar.gz")]
    public void Cub_is_read(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("cub200:" + Make(folder, kind, OfficialTrees.Cub()), new DataOptions { ImageSize = 96 });
        Assert.Equal(["Black footed Albatross", "Laysan Albatross", "House Sparrow"], data.Train.ClassNames);
        Assert.Equal(["Albatross", "Sparrow"], data.Groups!.Names);
        Assert.Equal([0, 0, 1], data.Groups.GroupOf);
        Assert.Equal((6, 3), (data.Train.Count, data.Test.Count));
        Assert.Equal([0, 1, 2], data.Test.Labels);
    }

    [Fact]
    public void Cub_that_contradicts_itself_is_refused()
    {
        string Refused(string file, string text) =>
            RefusedOf("cub200", OfficialTrees.Cub(), f => f["CUB_200_2011/" + file] = MadeUpFiles.Text(text));
        Assert.Contains("it has no image_class_labels.txt",
            RefusedOf("cub200", OfficialTrees.Cub(), f => f.Remove("CUB_200_2011/image_class_labels.txt")), StringComparison.Ordinal);
        Assert.Contains("lacks CUB_200_2011/train_test_split.txt",
            RefusedOf("cub200", OfficialTrees.Cub(), f => f.Remove("CUB_200_2011/train_test_split.txt")), StringComparison.Ordinal);
        Assert.Contains("image_class_labels.txt says nothing of image 2", Refused("image_class_labels.txt", "1 1\n"),
            StringComparison.Ordinal);
        Assert.Contains("train_test_split.txt speaks of image 10",
            Refused("train_test_split.txt", string.Concat(Enumerable.Range(1, 10).Select(i => $"{i} 1\n"))), StringComparison.Ordinal);
        Assert.Contains("gives image 1 the class '7'",
            Refused("image_class_labels.txt", string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} 7\n"))), StringComparison.Ordinal);
        Assert.Contains("says '2' of image 1",
            Refused("train_test_split.txt", string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} 2\n"))), StringComparison.Ordinal);
        Assert.Contains("classes.txt:1 must be a number and a value", Refused("classes.txt", "one\n"), StringComparison.Ordinal);
        Assert.Contains("classes.txt:2 lists 1 again", Refused("classes.txt", "1 a\n1 b\n"), StringComparison.Ordinal);
        Assert.Contains("gives 001.Black_footed_Albatross/Black_footed_Albatross_0.jpg the class '003.Laysan_Albatross', but it lies in "
            + "the folder of another", Refused("image_class_labels.txt", string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} 3\n"))),
            StringComparison.Ordinal);
        Assert.Contains("lacks CUB_200_2011/images/", RefusedOf("cub200", OfficialTrees.Cub(),
            f => f.Remove(f.Keys.First(key => key.EndsWith(".jpg", StringComparison.Ordinal)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    public void Mini_ImageNet_is_read(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("mini-imagenet:" + Make(folder, kind, OfficialTrees.Mini()));
        Assert.Equal(["n1", "n2", "n3", "n4"], data.Train.ClassNames);
        Assert.Equal(["train", "val", "test"], data.Groups!.Names);
        Assert.Equal([0, 0, 1, 2], data.Groups.GroupOf);
        Assert.Equal((16, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal(new ImageShape(3, 84, 84), data.Train.Store.ViewShape);
    }

    [Fact]
    public void The_hard_halves_of_cub_keep_families_together()
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("cub200:" + Make(folder, "folder", OfficialTrees.Cub()), new DataOptions { ImageSize = 32 });
        var split = ClassSplit.Hard(data.Groups!);
        Assert.Equal([0, 1], split.Teacher);
        Assert.Equal([2], split.Student);
    }

    [Theory]
    [InlineData("cub200", "CUB_200_2011/images/001.Black_footed_Albatross/other.jpg", "images.txt")]
    [InlineData("mini-imagenet", "mini/images/other.jpg", "the .csv files")]
    public void Images_that_no_list_names_are_counted(string kind, string name, string listing)
    {
        using var folder = new TemporaryFolder();
        var files = kind == "cub200" ? OfficialTrees.Cub() : OfficialTrees.Mini();
        files[name] = MadeUpFiles.Picture(99);
        var data = DataCatalog.Load($"{kind}:{Make(folder, "folder", files)}", new DataOptions { ImageSize = 32 });
        Assert.Contains($"Not listed in {listing}, and so not read: 1 image, such as {name}.", data.Notes);
    }

    [Fact]
    public void Mini_ImageNet_that_contradicts_itself_is_refused()
    {
        string Refused(string file, string text) =>
            RefusedOf("mini-imagenet", OfficialTrees.Mini(), f => f["mini/" + file] = MadeUpFiles.Text(text));
        Assert.Contains("it has no train.csv", RefusedOf("mini-imagenet", OfficialTrees.Mini(), f => f.Remove("mini/train.csv")),
            StringComparison.Ordinal);
        Assert.Contains("lacks mini/val.csv", RefusedOf("mini-imagenet", OfficialTrees.Mini(), f => f.Remove("mini/val.csv")),
            StringComparison.Ordinal);
        Assert.Contains("val.csv:2 has the class n1, which train.csv has too", Refused("val.csv", "filename,label\nn10.jpg,n1\n"),
            StringComparison.Ordinal);
        Assert.Contains("val.csv:2 names the image no.jpg", Refused("val.csv", "filename,label\nno.jpg,n3\n"), StringComparison.Ordinal);
        Assert.Contains("val.csv:2 must be a file name and a label", Refused("val.csv", "filename,label\nn30.jpg\n"),
            StringComparison.Ordinal);
    }

    private static string Make(TemporaryFolder folder, string kind, SortedDictionary<string, byte[]> files) => kind switch
    {
        "folder" => MadeUpFiles.Folder(folder["data"], files),
        "zip" => MadeUpFiles.Zip(folder["data.zip"], files),
        _ => MadeUpFiles.TarGz(folder["data.tar.gz"], files),
    };

    private static string RefusedOf(string kind, SortedDictionary<string, byte[]> files, Action<SortedDictionary<string, byte[]>> change)
    {
        using var folder = new TemporaryFolder();
        change(files);
        return Assert.Throws<InputException>(() => DataCatalog.Load($"{kind}:{MadeUpFiles.Folder(folder["data"], files)}")).Message;
    }
}
