using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>What can be wrong with any source of image files, tried on each of them.</summary>
public class BadInputTests
{
    private static readonly Dictionary<string, Source> Sources = new()
    {
        ["folder"] = new(Folder, "train/cat/1.png"),
        ["tiny-imagenet"] = new(OfficialTrees.Tiny, "tiny-imagenet-200/train/n02/images/n02_1.JPEG"),
        ["cub200"] = new(OfficialTrees.Cub, "CUB_200_2011/images/118.House_Sparrow/House_Sparrow_1.jpg"),
        ["mini-imagenet"] = new(OfficialTrees.Mini, "mini/images/n31.jpg"),
    };

    public static TheoryData<string> Kinds => [.. Sources.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Images_that_can_not_be_used_are_named_and_counted_and_left_out_on_request(string kind)
    {
        var (files, image) = (Sources[kind].Files(), Sources[kind].Image);
        var whole = Load(kind, files);
        foreach (var (content, reason) in new[]
        {
            (MadeUpFiles.Picture(1, 60, 60, SkiaSharp.SKEncodedImageFormat.Jpeg)[..300], "is truncated"),
            (MadeUpFiles.Text("not a picture"), "is no JPEG, PNG, WebP, BMP, GIF or TIFF image"),
            (Array.Empty<byte>(), "is empty"),
            (File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images/absurd.png")),
                "declares 100000×100000 pixels"),
        })
        {
            files[image] = content;
            var message = Refused(kind, files);
            Assert.Contains($"1 of {Count(whole)} images that can't be used", message, StringComparison.Ordinal);
            Assert.Contains($"{image} {reason}", message, StringComparison.Ordinal);
            Assert.Contains("--skip-bad", message, StringComparison.Ordinal);

            var data = Load(kind, files, skipBad: true);
            Assert.Equal(Count(whole) - 1, Count(data));
            Assert.Equal(image, Assert.Single(data.Bad).Name);
        }
    }

    [Theory]
    [InlineData("folder", "'train/emu' holds no images")]
    [InlineData("tiny-imagenet", "no training images of the class 'n07'")]
    [InlineData("cub200", "no training images of the class 'Emu'")]
    public void A_class_without_images_is_refused(string kind, string message)
    {
        var files = Sources[kind].Files();
        switch (kind)
        {
            case "folder": files["train/emu/"] = []; break;
            case "tiny-imagenet": files["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn02\nn07\n"); break;
            default: files["CUB_200_2011/classes.txt"] =
                [.. files["CUB_200_2011/classes.txt"], .. MadeUpFiles.Text("119 119.Emu\n")]; break;
        }
        Assert.Contains(message, Refused(kind, files), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder", "val/ lacks the class 'cat'")]
    [InlineData("tiny-imagenet", "no test images of the class 'n02'")]
    [InlineData("cub200", "no test images of the class 'House Sparrow'")]
    [InlineData("mini-imagenet", "the class 'n3' has a single image")]
    public void A_class_that_can_not_be_tested_is_refused(string kind, string message)
    {
        var files = Sources[kind].Files();
        switch (kind)
        {
            case "folder":
                var cats = files.Keys.Where(name => name.StartsWith("val/cat/", StringComparison.Ordinal)).ToList();
                foreach (var name in cats) files.Remove(name);
                break;
            case "tiny-imagenet":
                foreach (var i in new[] { 1, 3 }) files.Remove($"tiny-imagenet-200/val/images/v{i}.JPEG");
                files["tiny-imagenet-200/val/val_annotations.txt"] =
                    MadeUpFiles.Text("v0.JPEG\tn01\t0\t0\t9\t9\nv2.JPEG\tn01\t0\t0\t9\t9\n");
                break;
            case "cub200": files["CUB_200_2011/train_test_split.txt"] =
                MadeUpFiles.Text(string.Concat(Enumerable.Range(1, 9).Select(i => $"{i} {(i is 3 or 6 ? 0 : 1)}\n"))); break;
            default: files["mini/val.csv"] = MadeUpFiles.Text("filename,label\nn31.jpg,n3\n"); break;
        }
        Assert.Contains(message, Refused(kind, files), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder", "the folders 'train/Cat' and 'train/cat' differ only in case")]
    [InlineData("tiny-imagenet", "the ids of wnids.txt 'N02' and 'n02' differ only in case")]
    [InlineData("cub200", "the classes of classes.txt 'House Sparrow' and 'house sparrow' differ only in case")]
    [InlineData("mini-imagenet", "the labels 'n3' and 'N3' differ only in case")]
    public void Classes_that_differ_only_in_case_are_refused(string kind, string message)
    {
        var files = Sources[kind].Files();
        switch (kind)
        {
            // In an archive: not every system's folders tell them apart.
            case "folder": files["train/Cat/1.png"] = MadeUpFiles.Picture(1); break;
            case "tiny-imagenet": files["tiny-imagenet-200/wnids.txt"] = MadeUpFiles.Text("n01\nn02\nN02\n"); break;
            case "cub200": files["CUB_200_2011/classes.txt"] =
                [.. files["CUB_200_2011/classes.txt"], .. MadeUpFiles.Text("119 119.house_sparrow\n")]; break;
            default: files["mini/val.csv"] = [.. files["mini/val.csv"], .. MadeUpFiles.Text("n31.jpg,N3\n")]; break;
        }
        Assert.Contains(message, Refused(kind, files), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [InlineData("cifar100")]
    public void An_archive_that_names_files_outside_itself_is_refused(string kind)
    {
        foreach (var name in new[] { "../evil.png", "a/../../evil.png", "/evil.png" })
        {
            var files = Sources.TryGetValue(kind, out var source) ? source.Files() : new(TinyCifar.Files());
            files[name] = MadeUpFiles.Picture(1);
            Assert.Contains("names a file outside itself", Refused(kind, files), StringComparison.Ordinal);
        }
    }

    private static SortedDictionary<string, byte[]> Folder()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var number = 0;
        foreach (var part in new[] { "train", "val", "test" })
            foreach (var name in new[] { "bird", "cat" })
                for (var i = 0; i < 3; i++) files[$"{part}/{name}/{i}.png"] = MadeUpFiles.Picture(number++);
        return files;
    }

    private static int Count(Dataset data) => data.Train.Count + data.Test.Count + (data.Validation?.Count ?? 0);

    private static Dataset Load(string kind, IEnumerable<KeyValuePair<string, byte[]>> files, bool skipBad = false)
    {
        using var folder = new TemporaryFolder();
        return DataCatalog.Load($"{kind}:{MadeUpFiles.Zip(folder["data.zip"], files)}",
            new DataOptions { ImageSize = kind == "cifar100" ? null : 16, SkipBad = skipBad });
    }

    private static string Refused(string kind, IEnumerable<KeyValuePair<string, byte[]>> files) =>
        Assert.Throws<InputException>(() => Load(kind, files)).Message;

    /// <param name="Files">A sound tree.</param>
    /// <param name="Image">A training image of it.</param>
    private sealed record Source(Func<SortedDictionary<string, byte[]>> Files, string Image);
}
