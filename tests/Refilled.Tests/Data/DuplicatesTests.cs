using System.Formats.Tar;
using System.IO.Compression;
using Refilled.Data;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data;

/// <summary>Pictures of generated creatures, as files: again, packed anew, resized, lightened, in other classes and parts.</summary>
public sealed class DuplicatesTests : IDisposable
{
    private const int Side = 64;

    private static readonly Dataset Creatures =
        DataCatalog.Load("generated:3,classes=6,train=4,test=2", new DataOptions { ImageSize = Side });

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, byte[]> files = [];

    public DuplicatesTests()
    {
        for (var i = 0; i < 4; i++)
            foreach (var (name, from) in new[] { ("train/a", 0), ("train/b", 4), ("test/a", 8), ("test/b", 12) })
                files[$"{name}/{i}.png"] = Creature(from + i);
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Creature(int number, SKEncodedImageFormat format = SKEncodedImageFormat.Png, int quality = 100, int side = Side,
        Func<byte, byte>? change = null)
    {
        using var bitmap = new SKBitmap(Side, Side);
        var pixels = Creatures.Train.Store[Creatures.Train.SampleIds[number]];
        byte At(ReadOnlySpan<byte> from, int place) => change is null ? from[place] : change(from[place]);
        for (var i = 0; i < Side * Side; i++)
            bitmap.SetPixel(i % Side, i / Side,
                new SKColor(At(pixels, i), At(pixels, Side * Side + i), At(pixels, 2 * Side * Side + i)));
        using var resized = bitmap.Resize(new SKImageInfo(side, side), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using var data = resized.Encode(format, quality);
        return data.ToArray();
    }

    private Duplicates Found() => Duplicates.Find(
        DataCatalog.Load("folder:" + MadeUpFiles.Folder(folder["photos"], files)), TestContext.Current.CancellationToken);

    private static void AssertNone(Repeats repeats) => Assert.Empty(repeats.InTwoClasses.Concat(repeats.InTwoParts));

    [Fact]
    public void Other_pictures_are_no_duplicates()
    {
        var found = Found();
        AssertNone(found.Exact);
        AssertNone(found.Near);
        // Neither are creatures of the same species.
        var all = Duplicates.Find(DataCatalog.Load("generated:5,classes=12,train=30,test=10"), TestContext.Current.CancellationToken);
        AssertNone(all.Near);
    }

    [Fact]
    public void The_same_picture_is_found_in_two_classes_and_in_two_parts_by_name()
    {
        files["train/b/again.png"] = files["train/a/0.png"];
        files["train/b/thrice.png"] = Creature(0);
        files["test/a/seen.png"] = files["train/a/1.png"];
        files["test/b/both.png"] = files["train/a/2.png"];
        // Twice in one class and part does no harm.
        files["train/a/twice.png"] = files["train/a/3.png"];
        var found = Found();
        Assert.Equal([new Repeat("train/a/0.png", "train/b/again.png"), new Repeat("train/a/0.png", "train/b/thrice.png"),
            new Repeat("train/a/2.png", "test/b/both.png")], found.Exact.InTwoClasses);
        Assert.Equal([new Repeat("train/a/1.png", "test/a/seen.png"), new Repeat("train/a/2.png", "test/b/both.png")],
            found.Exact.InTwoParts);
        Assert.Empty(found.Near.InTwoParts);
        Assert.Empty(found.Near.InTwoClasses);
    }

    [Fact]
    public void A_picture_that_was_packed_resized_or_lightened_is_nearly_the_same()
    {
        files["train/b/packed.jpg"] = Creature(0, SKEncodedImageFormat.Jpeg, 50);
        files["train/b/small.png"] = Creature(1, side: 40);
        files["test/a/large.png"] = Creature(2, side: 150);
        files["test/a/light.png"] = Creature(3, change: value => (byte)(60 + value * 0.7));
        var found = Found();
        AssertNone(found.Exact);
        Assert.Equal([new Repeat("train/a/0.png", "train/b/packed.jpg"), new Repeat("train/a/1.png", "train/b/small.png")],
            found.Near.InTwoClasses);
        Assert.Equal([new Repeat("train/a/2.png", "test/a/large.png"), new Repeat("train/a/3.png", "test/a/light.png")],
            found.Near.InTwoParts);
    }

    [Fact]
    public void Nearly_blank_pictures_are_not_all_alike()
    {
        byte[] Blank(int number)
        {
            using var bitmap = new SKBitmap(Side, Side);
            for (var i = 0; i < Side * Side; i++)
                bitmap.SetPixel(i % Side, i / Side, new SKColor((byte)(250 + SeedMix.Bits(number, SeedStream.View, i) % 6), 250, 250));
            using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            return data.ToArray();
        }
        for (var i = 0; i < 10; i++) (files[$"train/a/blank{i}.png"], files[$"test/b/blank{i}.png"]) = (Blank(i), Blank(50 + i));
        files["test/b/same.png"] = Blank(0);
        var found = Found();
        AssertNone(found.Near);
        Assert.Equal([new Repeat("train/a/blank0.png", "test/b/same.png")], found.Exact.InTwoParts);
    }

    [Fact]
    public void Images_without_files_are_named_by_part_number_and_class()
    {
        var set = MadeUpImages.Set(6, 3, size: 8);
        var data = new Dataset("made-up", set, new ImageSet(set.Store, [4, 5], [1, 0], set.ClassNames), null, "", []);
        var found = Duplicates.Find(data, TestContext.Current.CancellationToken);
        Assert.Equal([new Repeat("train image 5 (class2)", "test image 5 (class0)")], found.Exact.InTwoClasses);
        Assert.Equal([new Repeat("train image 4 (class1)", "test image 4 (class1)"),
            new Repeat("train image 5 (class2)", "test image 5 (class0)")], found.Exact.InTwoParts);
    }

    [Fact]
    public void It_can_be_stopped() =>
        Assert.ThrowsAny<OperationCanceledException>(() => Duplicates.Find(Creatures, new CancellationToken(canceled: true)));

    [Fact]
    public void A_real_folder_with_a_test_that_was_copied_is_told()
    {
        using (var archive = new TarReader(new GZipStream(File.OpenRead(Repository.Shared("cases", "folders.tar.gz")),
            CompressionMode.Decompress)))
            while (archive.GetNextEntry() is { } entry)
                if (entry is { EntryType: TarEntryType.RegularFile, DataStream: { } stream }
                    && entry.Name.StartsWith("dup/", StringComparison.Ordinal))
                {
                    var content = new byte[entry.Length];
                    stream.ReadExactly(content);
                    MadeUpFiles.Folder(folder.Path, new Dictionary<string, byte[]> { [entry.Name] = content });
                }
        var found = Duplicates.Find(DataCatalog.Load("folder:" + folder["dup"]), TestContext.Current.CancellationToken);
        Assert.NotEmpty(found.Exact.InTwoParts);
    }
}
