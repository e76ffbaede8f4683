using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

/// <summary>Folders of images as people have them: how parts are called, what lies too deep, what can't be read.</summary>
public sealed class FolderLayoutTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int made;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("train", "valid", "test")]
    [InlineData("Training", "validation", "Testing")]
    [InlineData("training_set", "dev", "test_set")]
    [InlineData("TRAIN", "val", "TEST")]
    [InlineData("train-set", "Valid Set", "testset")]
    [InlineData("training_set/training_set", "dev", "test_set/test_set")]
    [InlineData("train/Training", "val/val", "test/test/test")]
    public void Parts_are_known_by_their_usual_names(string train, string validation, string test)
    {
        var data = Load(Made([.. Pets(train + "/", 4), .. Pets(validation + "/", 2), .. Pets(test + "/", 3)]));
        Assert.Equal((8, 4, 6), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Equal(["cat", "dog"], data.Train.ClassNames);
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void Two_folders_of_one_part_are_refused_and_a_class_may_be_called_valid()
    {
        Assert.Contains("'val' and 'valid' look like one part", Refused(Made([.. Pets("train/"), "val/cat/1.png", "valid/cat/1.png"])),
            StringComparison.Ordinal);
        Assert.Equal(["defect", "valid"], Load(Made(["valid/1.png", "valid/2.png", "defect/1.png", "defect/2.png"])).Train.ClassNames);
    }

    [Fact]
    public void Parts_by_other_names_are_not_taken_for_classes()
    {
        foreach (var inner in new[] { "", "seg_a/" })
        {
            var message = Refused(Made([.. Pets("seg_a/" + inner), .. Pets("seg_b/"), "seg_c/1.png"]));
            Assert.Contains("'seg_a' and 'seg_b' hold the same folders ('cat' and 'dog')", message, StringComparison.Ordinal);
            Assert.Contains("--depth 1", message, StringComparison.Ordinal);
        }
        var path = Made([.. Pets("left/"), .. Pets("right/")]);
        Assert.Equal(["left", "right"], Load(path, 1).Train.ClassNames);
        Assert.Equal(["left/cat", "left/dog", "right/cat", "right/dog"], Load(path, 2).Train.ClassNames);
    }

    [Fact]
    public void Classes_one_folder_deeper_are_noticed_and_can_be_named()
    {
        string[] files = ["Korean/c1/1.png", "Korean/c1/2.png", "Korean/c2/1.png", "Korean/c2/2.png", "Greek/c1/1.png", "Greek/c1/2.png"];
        var note = Assert.Single(Load(Made(files)).Notes, note => note.Contains("one folder deeper", StringComparison.Ordinal));
        Assert.Contains("'Korean' holds no images itself but 2 folders of them ('c1' and 'c2')", note, StringComparison.Ordinal);
        Assert.Contains("--depth 2, and it is called 'Korean/c1'", note, StringComparison.Ordinal);

        var data = Load(Made([.. files, "Greek/stray.png"]), 2);
        Assert.Equal(["Greek/c1", "Korean/c1", "Korean/c2"], data.Train.ClassNames);
        Assert.Equal([1, 2], ClassSpec.Parse("group:Korean").Resolve(data));
        Assert.Contains(data.Notes, one => one.Contains("such as Greek/stray.png", StringComparison.Ordinal));
        Assert.DoesNotContain(Load(Made(files), 1).Notes, one => one.Contains("deeper", StringComparison.Ordinal));
        Assert.Equal(["x/a", "x/b"], Load(Made(["train/x/a/1.png", "train/x/b/1.png", "test/x/a/2.png", "test/x/b/2.png"]), 2)
            .Train.ClassNames);
        Assert.Contains("3 folders deep", Refused(Made(files), 3), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_beside_what_is_said_of_them_are_no_classes()
    {
        string[] masks = ["annotations/trimaps/1.png", "annotations/trimaps/2.png"];
        Assert.Contains("'annotations' and 'images' look like pictures and what is said of them",
            Refused(Made(["images/1.png", "images/2.png", .. masks])), StringComparison.Ordinal);
        var data = Load(Made([.. Pets("images/"), .. masks]));
        Assert.Equal(["cat", "dog"], data.Train.ClassNames);
        Assert.Contains("What lies beside 'images' isn't read, such as 'annotations'.", data.Notes);
        Assert.Equal(["annotations", "images"], Load(Made(["images/1.png", "images/2.png", .. masks]), 1).Train.ClassNames);
    }

    [Fact]
    public void A_file_beside_the_only_folder_of_an_archive_does_not_matter()
    {
        var path = MadeUpFiles.Zip(folder["pets.zip"], Files([.. Pets("pets/"), "README.txt"]));
        Assert.Equal(["cat", "dog"], Load(path).Train.ClassNames);
    }

    [Fact]
    public void One_name_in_two_spellings_is_one_class()
    {
        var data = Load(Made(["train/caf\u00e9/1.png", "train/tea/1.png", "test/cafe\u0301/1.png", "test/tea/1.png"]));
        Assert.Equal(["caf\u00e9", "tea"], data.Train.ClassNames);
        Assert.Equal((2, 2), (data.Train.Count, data.Test.Count));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_a_bad_file_or_a_class_that_is_missing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        var path = Made([.. Pets("train/"), .. Pets("test/")]);
        File.CreateSymbolicLink(Path.Combine(path, "train", "cat", "gone.png"), "nowhere.png");
        var message = Refused(path);
        Assert.Contains("1 of 9 images that can't be used", message, StringComparison.Ordinal);
        Assert.Contains("train/cat/gone.png is a link to 'nowhere.png', which isn't there", message, StringComparison.Ordinal);
        Assert.Equal("train/cat/gone.png", Assert.Single(Load(path, skipBad: true).Bad).Name);

        Directory.CreateSymbolicLink(Path.Combine(path, "train", "emu"), "nowhere");
        Assert.Contains("train/emu is a link to 'nowhere', which isn't there", Refused(path), StringComparison.Ordinal);
        Assert.Contains(Load(path, skipBad: true).Notes, note => note.Contains("train/emu is a link", StringComparison.Ordinal));

        // Where a single class is left, that is what is said, and not that two are needed.
        Directory.Delete(Path.Combine(path, "train", "dog"), recursive: true);
        Assert.Contains("train/emu is a link", Refused(path, skipBad: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_is_a_bad_file_and_nothing_waits_for_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes in folders there.");
        var path = Made(Pets(""));
        System.Diagnostics.Process.Start("mkfifo", [Path.Combine(path, "cat", "pipe.png")]).WaitForExit();
        Assert.Contains("cat/pipe.png is empty", Refused(path), StringComparison.Ordinal);
        Assert.Contains("is empty", Assert.Throws<InputException>(
            () => DataCatalog.Load(Path.Combine(path, "cat", "pipe.png"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linked.zip", "train/b is a link to '/tmp/bugs/cases/links_src/train/b', outside the archive")]
    [InlineData("linked.tar.gz", "pets/train/b is a link to '/tmp/bugs/cases/links_src/train/b', outside the archive")]
    public void Archives_of_links_that_lead_out_of_them_are_named(string file, string message) =>
        Assert.Contains(message, Refused(Repository.Shared("cases", file)), StringComparison.Ordinal);

    [Fact]
    public void Hard_links_in_an_archive_are_images_as_well()
    {
        var data = Load(Repository.Shared("cases", "hardlinked.tar.gz"));
        Assert.Equal(10, data.Train.Count + data.Test.Count);
    }

    private static string[] Pets(string place, int each = 2) =>
        [.. new[] { "cat", "dog" }.SelectMany(name => Enumerable.Range(1, each).Select(i => $"{place}{name}/{i}.png"))];

    private string Made(string[] names) => MadeUpFiles.Folder(folder[$"{made++}"], Files(names));

    private static IEnumerable<KeyValuePair<string, byte[]>> Files(string[] names) =>
        names.Select((name, i) => KeyValuePair.Create(name, MadeUpFiles.Picture(i)));

    private static Dataset Load(string path, int? depth = null, bool skipBad = false) =>
        DataCatalog.Load(path, new DataOptions { Depth = depth, SkipBad = skipBad }, TestContext.Current.CancellationToken);

    private static string Refused(string path, int? depth = null, bool skipBad = false) =>
        Assert.Throws<InputException>(() => Load(path, depth, skipBad)).Message;
}
