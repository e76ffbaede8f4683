namespace Refilled.Tests.Support;

/// <summary>Small made-up trees in the official layouts.</summary>
internal static class OfficialTrees
{
    public static SortedDictionary<string, byte[]> Tiny()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n02\nn01\n"),
            ["tiny-imagenet-200/words.txt"] = MadeUpFiles.Text("n01\tgoldfish, Carassius auratus\nn03\tfish\n"),
            ["tiny-imagenet-200/val/val_annotations.txt"] = MadeUpFiles.Text(
                "v0.JPEG\tn01\t0\t0\t9\t9\nv1.JPEG\tn02\t0\t0\t9\t9\nv2.JPEG\tn01\t0\t0\t9\t9\nv3.JPEG\tn02\t0\t0\t9\t9\n"),
            ["tiny-imagenet-200/train/n01/n01_boxes.txt"] = MadeUpFiles.Text("x"),
            ["tiny-imagenet-200/test/images/test_0.JPEG"] = MadeUpFiles.Picture(99),
        };
        for (var i = 0; i < 4; i++)
        {
            files[$"tiny-imagenet-200/train/n01/images/n01_{i}.JPEG"] = MadeUpFiles.Picture(i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
            files[$"tiny-imagenet-200/train/n02/images/n02_{i}.JPEG"] =
                MadeUpFiles.Picture(10 + i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
            files[$"tiny-imagenet-200/val/images/v{i}.JPEG"] = MadeUpFiles.Picture(20 + i, 64, 64, SkiaSharp.SKEncodedImageFormat.Jpeg);
        }
        return files;
    }

    public static SortedDictionary<string, byte[]> Cub()
    {
        string[] classes = ["001.Black_footed_Albatross", "003.Laysan_Albatross", "118.House_Sparrow"];
        var names = classes.SelectMany(name => Enumerable.Range(0, 3).Select(i => $"{name}/{name[4..]}_{i}.jpg")).ToArray();
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["attributes.txt"] = MadeUpFiles.Text("x"),
            ["CUB_200_2011/classes.txt"] =
                MadeUpFiles.Text("1 001.Black_footed_Albatross\n3 003.Laysan_Albatross\n118 118.House_Sparrow\n"),
            ["CUB_200_2011/images.txt"] = MadeUpFiles.Text(string.Concat(names.Select((name, i) => $"{i + 1} {name}\n"))),
            ["CUB_200_2011/image_class_labels.txt"] = MadeUpFiles.Text(string.Concat(
                names.Select((name, i) => $"{i + 1} {int.Parse(name[..3], System.Globalization.CultureInfo.InvariantCulture)}\n"))),
            ["CUB_200_2011/train_test_split.txt"] =
                MadeUpFiles.Text(string.Concat(names.Select((_, i) => $"{i + 1} {(i % 3 == 2 ? 0 : 1)}\n"))),
        };
        for (var i = 0; i < names.Length; i++)
            files["CUB_200_2011/images/" + names[i]] = MadeUpFiles.Picture(i, 150, 100, SkiaSharp.SKEncodedImageFormat.Jpeg);
        return files;
    }

    public static SortedDictionary<string, byte[]> Mini()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (split, classes) in new[] { ("train", new[] { "n1", "n2" }), ("val", ["n3"]), ("test", ["n4"]) })
        {
            files[$"mini/{split}.csv"] = MadeUpFiles.Text("filename,label\n"
                + string.Concat(classes.SelectMany(name => Enumerable.Range(0, 5).Select(i => $"{name}{i}.jpg,{name}\n"))));
            foreach (var name in classes)
                for (var i = 0; i < 5; i++)
                    files[$"mini/images/{name}{i}.jpg"] = MadeUpFiles.Picture(i, 100, 90, SkiaSharp.SKEncodedImageFormat.Jpeg);
        }
        return files;
    }
}
