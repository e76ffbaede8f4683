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
        var data = DataCatalog.Load("tiny-imagenet:" + Make(folder, kind, Tiny()));
        Assert.Equal(["goldfish", "n02"], data.Train.ClassNames); // two ids are called "fish" but for words.txt's first
        Assert.Equal((8, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal([0, 0, 1, 1], data.Test.Labels.Order());
        Assert.Equal(new ImageShape(3, 64, 64), data.Train.Store.ViewShape);
    }

    [Fact]
    public void Tiny_ImageNet_that_contradicts_itself_is_refused()
    {
        string Refused(Action<SortedDictionary<string, byte[]>> change) => RefusedOf("tiny-imagenet", Tiny(), change);
        const string Annotations = "tiny-imagenet-200/val/val_annotations.txt";
        Assert.Contains("it has no wnids.txt", Refused(f => f.Remove("tiny-imagenet-200/wnids.txt")), StringComparison.Ordinal);
        Assert.Contains("lacks tiny-imagenet-200/val/val_annotations.txt", Refused(f => f.Remove(Annotations)), StringComparison.Ordinal);
        Assert.Contains("val_annotations.txt:4 names the image v3.JPEG, which val/images/ doesn't hold", Refused(f => f.Remove("tiny-imagenet-200/val/images/v3.JPEG")), StringComparison.Ordinal);
        Assert.Contains("has no class for 1 image of val/images/, such as v9.JPEG", Refused(f => f["tiny-imagenet-200/val/images/v9.JPEG"] = MadeUpFiles.Picture(9)), StringComparison.Ordinal);
        Assert.Contains("names the class n09", Refused(f => f[Annotations] = MadeUpFiles.Text("v0.JPEG\tn09\t0\t0\t1\t1\n")), StringComparison.Ordinal);
        Assert.Contains("separated by a tab", Refused(f => f[Annotations] = MadeUpFiles.Text("v0.JPEG n01\n")), StringComparison.Ordinal);
        Assert.Contains("train/ has the class n05", Refused(f => f["tiny-imagenet-200/train/n05/images/x.JPEG"] = MadeUpFiles.Picture(9)), StringComparison.Ordinal);
        Assert.Contains("no training images of the class 'n07'", Refused(f => f["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn02\nn07\n")), StringComparison.Ordinal);
        Assert.Contains("wnids.txt holds n01 twice", Refused(f => f["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn01\n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("tar.gz")]
    public void Cub_is_read(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("cub200:" + Make(folder, kind, Cub()), new DataOptions { ImageSize = 96 });
        Assert.Equal(["Black footed Albatross", "Laysan Albatross", "House Sparrow"], data.Train.ClassNames);
        Assert.Equal(["Albatross", "Sparrow"], data.Groups!.Names);
        Assert.Equal([0, 0, 1], data.Groups.GroupOf);
        Assert.Equal((6, 3), (data.Train.Count, data.Test.Count));
        Assert.Equal([0, 1, 2], data.Test.Labels);
    }

    [Fact]
    public void Cub_that_contradicts_itself_is_refused()
    {
        string Refused(string file, string text) => RefusedOf("cub200", Cub(), f => f["CUB_200_2011/" + file] = MadeUpFiles.Text(text));
        Assert.Contains("it has no image_class_labels.txt", RefusedOf("cub200", Cub(), f => f.Remove("CUB_200_2011/image_class_labels.txt")), StringComparison.Ordinal);
        Assert.Contains("lacks CUB_200_2011/train_test_split.txt", RefusedOf("cub200", Cub(), f => f.Remove("CUB_200_2011/train_test_split.txt")), StringComparison.Ordinal);
        Assert.Contains("image_class_labels.txt says nothing of image 2", Refused("image_class_labels.txt", "1 1\n"), StringComparison.Ordinal);
        Assert.Contains("train_test_split.txt speaks of image 10", Refused("train_test_split.txt", string.Concat(Enumerable.Range(1, 10).Select(i => $"{i} 1\n"))), StringComparison.Ordinal);
        Assert.Contains("gives image 1 the class '7'", Refused("image_class_labels.txt", string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} 7\n"))), StringComparison.Ordinal);
        Assert.Contains("says '2' of image 1", Refused("train_test_split.txt", string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} 2\n"))), StringComparison.Ordinal);
        Assert.Contains("classes.txt:1 must be a number and a value", Refused("classes.txt", "one\n"), StringComparison.Ordinal);
        Assert.Contains("classes.txt:2 lists 1 again", Refused("classes.txt", "1 a\n1 b\n"), StringComparison.Ordinal);
        Assert.Contains("lacks CUB_200_2011/images/", RefusedOf("cub200", Cub(), f => f.Remove(f.Keys.First(key => key.EndsWith(".jpg", StringComparison.Ordinal)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    public void Mini_ImageNet_is_read(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = DataCatalog.Load("mini-imagenet:" + Make(folder, kind, Mini()));
        Assert.Equal(["n1", "n2", "n3", "n4"], data.Train.ClassNames);
        Assert.Equal(["train", "val", "test"], data.Groups!.Names);
        Assert.Equal([0, 0, 1, 2], data.Groups.GroupOf);
        Assert.Equal((16, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal(new ImageShape(3, 84, 84), data.Train.Store.ViewShape);
    }

    [Fact]
    public void Mini_ImageNet_that_contradicts_itself_is_refused()
    {
        string Refused(string file, string text) => RefusedOf("mini-imagenet", Mini(), f => f["mini/" + file] = MadeUpFiles.Text(text));
        Assert.Contains("it has no train.csv", RefusedOf("mini-imagenet", Mini(), f => f.Remove("mini/train.csv")), StringComparison.Ordinal);
        Assert.Contains("lacks mini/val.csv", RefusedOf("mini-imagenet", Mini(), f => f.Remove("mini/val.csv")), StringComparison.Ordinal);
        Assert.Contains("val.csv:2 has the class n1, which train.csv has too", Refused("val.csv", "filename,label\nn10.jpg,n1\n"), StringComparison.Ordinal);
        Assert.Contains("val.csv:2 names the image no.jpg", Refused("val.csv", "filename,label\nno.jpg,n3\n"), StringComparison.Ordinal);
        Assert.Contains("val.csv:2 must be a file name and a label", Refused("val.csv", "filename,label\nn30.jpg\n"), StringComparison.Ordinal);
    }

    private static SortedDictionary<string, byte[]> Tiny()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n02\nn01\n"),
            ["tiny-imagenet-200/words.txt"] = MadeUpFiles.Text("n01\tgoldfish, Carassius auratus\nn03\tfish\n"),
            ["tiny-imagenet-200/val/val_annotations.txt"] = MadeUpFiles.Text("v0.JPEG\tn01\t0\t0\t9\t9\nv1.JPEG\tn02\t0\t0\t9\t9\nv2.JPEG\tn01\t0\t0\t9\t9\nv3.JPEG\tn02\t0\t0\t9\t9\n"),
            ["tiny-imagenet-200/train/n01/n01_boxes.txt"] = MadeUpFiles.Text("x"),
            ["tiny-imagenet-200/test/images/test_0.JPEG"] = MadeUpFiles.Picture(99),
        };
        for (var i = 0; i < 4; i++)
        {
            files[$"tiny-imagenet-200/train/n01/images/n01_{i}.JPEG"] = MadeUpFiles.Picture(i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
            files[$"tiny-imagenet-200/train/n02/images/n02_{i}.JPEG"] = MadeUpFiles.Picture(10 + i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
            files[$"tiny-imagenet-200/val/images/v{i}.JPEG"] = MadeUpFiles.Picture(20 + i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
        }
        return files;
    }

    private static SortedDictionary<string, byte[]> Cub()
    {
        string[] classes = ["001.Black_footed_Albatross", "003.Laysan_Albatross", "118.House_Sparrow"];
        var names = classes.SelectMany(name => Enumerable.Range(0, 3).Select(i => $"{name}/{name[4..]}_{i}.jpg")).ToArray();
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["attributes.txt"] = MadeUpFiles.Text("x"),
            ["CUB_200_2011/classes.txt"] = MadeUpFiles.Text("1 001.Black_footed_Albatross\n3 003.Laysan_Albatross\n118 118.House_Sparrow\n"),
            ["CUB_200_2011/images.txt"] = MadeUpFiles.Text(string.Concat(names.Select((name, i) => $"{i + 1} {name}\n"))),
            ["CUB_200_2011/image_class_labels.txt"] = MadeUpFiles.Text(string.Concat(names.Select((name, i) => $"{i + 1} {int.Parse(name[..3], System.Globalization.CultureInfo.InvariantCulture)}\n"))),
            ["CUB_200_2011/train_test_split.txt"] = MadeUpFiles.Text(string.Concat(names.Select((_, i) => $"{i + 1} {(i % 3 == 2 ? 0 : 1)}\n"))),
        };
        for (var i = 0; i < names.Length; i++) files["CUB_200_2011/images/" + names[i]] = MadeUpFiles.Picture(i, 150, 100, SkiaSharp.SKEncodedImageFormat.Jpeg);
        return files;
    }

    private static SortedDictionary<string, byte[]> Mini()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (split, classes) in new[] { ("train", new[] { "n1", "n2" }), ("val", ["n3"]), ("test", ["n4"]) })
        {
            files[$"mini/{split}.csv"] = MadeUpFiles.Text("filename,label\n" + string.Concat(classes.SelectMany(name => Enumerable.Range(0, 5).Select(i => $"{name}{i}.jpg,{name}\n"))));
            foreach (var name in classes)
                for (var i = 0; i < 5; i++) files[$"mini/images/{name}{i}.jpg"] = MadeUpFiles.Picture(i, 100, 90, SkiaSharp.SKEncodedImageFormat.Jpeg);
        }
        return files;
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
