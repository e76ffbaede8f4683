using Refilled.Data;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data;

public class ImageFolderTests
{
    [Theory]
    [InlineData("folder")]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_folder_for_each_class_will_do(string kind)
    {
        using var folder = new TemporaryFolder();
        var data = Load(Make(folder, kind, Flat()));
        Assert.Equal(["bird", "cat", "dog"], data.Train.ClassNames);
        Assert.Equal((24, 6), (data.Train.Count, data.Test.Count));
        Assert.Null(data.Validation);
        Assert.Contains("6 of the training images", Assert.Single(data.Notes), StringComparison.Ordinal);
        Assert.Equal(new ImageShape(3, 64, 64), data.Train.Store.ViewShape);
    }

    [Fact]
    public void However_it_is_packed_the_content_is_the_same()
    {
        using var folder = new TemporaryFolder();
        var hashes = new[] { "folder", "zip", "tar.gz" }.Select(kind => Load(Make(folder, kind, Flat())).Hash)
            .Append(Load(Make(folder, "zip", Flat("my pets/"), "inner")).Hash);
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void Train_val_and_test_are_what_their_names_say()
    {
        using var folder = new TemporaryFolder();
        var data = Load(Make(folder, "folder", Flat("train/").Concat(Flat("val/", 3)).Concat(Flat("test/", 4))));
        Assert.Equal((30, 9, 12), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Empty(data.Notes);
        Assert.Equal(51, data.Train.SampleIds.Concat(data.Validation.SampleIds).Concat(data.Test.SampleIds).Distinct().Count());
    }

    [Fact]
    public void Capitals_make_no_difference_to_the_parts()
    {
        using var folder = new TemporaryFolder();
        var data = Load(Make(folder, "folder", Flat("Train/").Concat(Flat("VAL/", 3)).Concat(Flat("Test/", 4))));
        Assert.Equal((30, 9, 12), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Contains("the folders 'Train' and 'train' differ only in case",
            Refused(Make(folder, "zip", Flat("Train/").Concat(Flat("train/")))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_train_may_be_a_class()
    {
        using var folder = new TemporaryFolder();
        var data = Load(Make(folder, "folder", Class("bus/").Concat(Class("train/", number: 1))));
        Assert.Equal(["bus", "train"], data.Train.ClassNames);
        Assert.Contains("no folders of images in train/", Refused(Make(folder, "zip", Class("train/").Concat(Class("test/")))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Images_may_lie_deeper_and_other_files_are_counted()
    {
        using var folder = new TemporaryFolder();
        var data = Load(Make(folder, "folder", Flat(deeper: "images/").Append(File("dog/notes.txt", "x"u8.ToArray()))));
        Assert.Equal(30, data.Train.Count + data.Test.Count);
        Assert.Contains(data.Notes, note => note.Contains("dog/notes.txt", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_format_and_colour_is_read()
    {
        using var folder = new TemporaryFolder();
        var pictures = Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images");
        string[] names = ["grey.jpg", "cmyk.jpg", "plain.webp", "plain.bmp", "animated.gif", "alpha.png", "oriented-6.jpg"];
        var files = names.Select(name => File("a/" + name, System.IO.File.ReadAllBytes(Path.Combine(pictures, name))));
        var data = Load(Make(folder, "folder", files.Concat(Enumerable.Range(0, 6)
            .Select(i => File($"b/{i}.JPEG", MadeUpFiles.Picture(i, format: SKEncodedImageFormat.Jpeg))))));
        Assert.Equal(13, data.Train.Count + data.Test.Count);
    }

    [Fact]
    public void The_size_can_be_chosen_and_larger_ones_keep_their_shape()
    {
        using var folder = new TemporaryFolder();
        var path = Make(folder, "folder", Flat());
        Assert.Equal(new ImageShape(3, 32, 32),
            DataCatalog.Load("folder:" + path, new DataOptions { ImageSize = 32 }).Train.Store.ViewShape);
        var store = DataCatalog.Load("folder:" + path, new DataOptions { ImageSize = 84 }).Train.Store;
        Assert.Equal((new ImageShape(3, 84, 84), new ImageShape(3, 92, 115)), (store.ViewShape, store.ShapeOf(0))); // from 20×16
    }

    [Fact]
    public void An_image_that_does_not_decode_is_named_and_counted()
    {
        using var folder = new TemporaryFolder();
        var bad = new[] { File("dog/broken.jpg", System.IO.File.ReadAllBytes(Path.Combine(Repository.Root,
            "tests/Refilled.Tests/Files/Images/oriented-1.jpg"))[..700]), File("cat/text.png", "hello"u8.ToArray()) };
        var path = Make(folder, "folder", Flat().Concat(bad));
        var message = Refused(path);
        Assert.Contains("2 of 32 images that can't be used", message, StringComparison.Ordinal);
        Assert.Contains("dog/broken.jpg is truncated", message, StringComparison.Ordinal);
        Assert.Contains("cat/text.png is no JPEG", message, StringComparison.Ordinal);
        Assert.Contains("--skip-bad", message, StringComparison.Ordinal);

        var data = DataCatalog.Load("folder:" + path, new DataOptions { SkipBad = true });
        Assert.Equal((30, 2), (data.Train.Count + data.Test.Count, data.Bad.Count));
        Assert.Contains(data.Notes, note => note.Contains("2 of 32 images were left out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_class_whose_images_are_all_bad_is_an_error_even_so()
    {
        using var folder = new TemporaryFolder();
        var path = Make(folder, "folder", Flat().Append(File("emu/text.png", "hello"u8.ToArray())));
        Assert.Contains("no training images of the class 'emu'", Assert.Throws<InputException>(
            () => DataCatalog.Load("folder:" + path, new DataOptions { SkipBad = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absurd_image_is_refused()
    {
        using var folder = new TemporaryFolder();
        var absurd = System.IO.File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Refilled.Tests/Files/Images/absurd.png"));
        Assert.Contains("dog/absurd.png declares 100000×100000 pixels",
            Refused(Make(folder, "folder", Flat().Append(File("dog/absurd.png", absurd)))), StringComparison.Ordinal);
    }

    [Fact]
    public void Unusable_layouts_are_said()
    {
        using var folder = new TemporaryFolder();
        var n = 0;
        string Made(params IEnumerable<KeyValuePair<string, byte[]>>[] files) =>
            MadeUpFiles.Folder(folder[$"{n++}"], files.SelectMany(list => list));
        var (bird, cat) = (Class("bird/"), Class("cat/"));
        Assert.Contains("the folder 'emu' holds no images", Refused(Made(Flat(), [File("emu/", [])])), StringComparison.Ordinal);
        Assert.Contains("differ only in case", Refused(Made(Flat(), Class("Dog/"))), StringComparison.Ordinal);
        Assert.Contains("val/ lacks the class 'dog'", Refused(Made(Flat("train/"), Class("val/bird/"), Class("val/cat/"))),
            StringComparison.Ordinal);
        Assert.Contains("test/ has the class 'dogs', which train hasn't. Did you mean 'dog'?",
            Refused(Made(Flat("train/"), Flat("test/"), Class("test/dogs/"))), StringComparison.Ordinal);
        Assert.Contains("has val, but no train", Refused(Made(Flat("val/"))), StringComparison.Ordinal);
        Assert.Contains("no folders of images", Refused(Made(Class(""))), StringComparison.Ordinal);
        Assert.Contains("no folders of images", Refused(Made()), StringComparison.Ordinal);
        Assert.Contains("holds 1 class ('cat')", Refused(Made(Class("cat/"))), StringComparison.Ordinal);
        Assert.Contains("a single image", Refused(Made(cat, bird.Take(1))), StringComparison.Ordinal);
        Assert.Contains("There is no folder of images", Refused(folder["nowhere"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Real_photographs_are_read_in_both_layouts()
    {
        var zip = Repository.Shared("data", "tiny-imagenet-mammals12.zip");
        using var folder = new TemporaryFolder();
        System.IO.Compression.ZipFile.ExtractToDirectory(zip, folder.Path);
        var train = folder["tiny-imagenet-200", "train"];
        var flat = Load(train);
        Assert.Equal((12, 6000), (flat.Train.Classes, flat.Train.Count + flat.Test.Count));
        Directory.Move(train, folder["new"]);
        Directory.CreateDirectory(folder["parted"]);
        Directory.Move(folder["new"], folder["parted", "train"]);
        foreach (var (name, id) in System.IO.File.ReadLines(folder["tiny-imagenet-200", "val", "val_annotations.txt"])
            .Select(line => line.Split('\t')).Select(fields => (fields[0], fields[1])))
        {
            Directory.CreateDirectory(folder["parted", "test", id]);
            System.IO.File.Move(folder["tiny-imagenet-200", "val", "images", name], folder["parted", "test", id, name]);
        }
        var parted = Load(folder["parted"]);
        Assert.Equal((6000, 600), (parted.Train.Count, parted.Test.Count));
    }

    private static IEnumerable<KeyValuePair<string, byte[]>> Flat(string prefix = "", int perClass = 10, string deeper = "") =>
        new[] { "cat", "dog", "bird" }.SelectMany((name, c) => Class($"{prefix}{name}/{deeper}", perClass, c));

    private static IEnumerable<KeyValuePair<string, byte[]>> Class(string prefix, int count = 10, int number = 0) =>
        Enumerable.Range(0, count).Select(i => File($"{prefix}{i}.png", MadeUpFiles.Picture(100 * number + i)));

    private static KeyValuePair<string, byte[]> File(string name, byte[] content) => KeyValuePair.Create(name, content);

    private static string Make(TemporaryFolder folder, string kind, IEnumerable<KeyValuePair<string, byte[]>> files,
        string name = "data") => kind switch
    {
        "folder" => MadeUpFiles.Folder(folder[name], files),
        "zip" => MadeUpFiles.Zip(folder[name + ".zip"], files),
        _ => MadeUpFiles.TarGz(folder[name + ".tar.gz"], files),
    };

    private static Dataset Load(string path) => DataCatalog.Load("folder:" + path);

    private static string Refused(string path) => Assert.Throws<InputException>(() => Load(path)).Message;
}
