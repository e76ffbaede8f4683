using System.Buffers.Binary;
using Refilled.Data;
using Refilled.Data.Decoding;
using Refilled.Data.Views;
using Refilled.Files;
using Refilled.Tests.Support;
using SkiaSharp;

namespace Refilled.Tests.Data.Decoding;

public sealed class DecodedCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string images;

    public DecodedCacheTests() => images = MadeUpFiles.Folder(folder["images"],
        from name in new[] { "bird", "cat", "dog" }
        from i in Enumerable.Range(0, 8)
        let picture = MadeUpFiles.Picture(name[0] * 10 + i, 150 + i, 120, SKEncodedImageFormat.Jpeg)
        select KeyValuePair.Create($"{name}/{i}.jpg", picture));

    private DataOptions On => new() { DecodedCache = DecodedCacheMode.On, CacheFolder = folder["cache"] };

    private string Cached => Assert.Single(Directory.GetFiles(folder["cache", "decoded"]));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(64)]
    [InlineData(84)]
    public void Pixels_views_and_hash_are_those_in_memory(int size)
    {
        var memory = Load(new DataOptions { ImageSize = size });
        Assert.False(Directory.Exists(folder["cache"]));
        foreach (var file in new[] { Load(On with { ImageSize = size }), Load(On with { ImageSize = size }) })
        {
            Assert.Equal((memory.Hash, memory.Sizes, memory.Train.Store.Bytes), (file.Hash, file.Sizes, file.Train.Store.Bytes));
            Assert.Equal(memory.Train.SampleIds, file.Train.SampleIds);
            foreach (var id in memory.Train.SampleIds) Assert.Equal(memory.Train.Store[id], file.Train.Store[id]);
            Assert.Equal(Views(memory), Views(file));
        }
    }

    [Fact]
    public void The_second_run_decodes_nothing()
    {
        Assert.Contains(Load(On).Notes, note => note.Contains("may be deleted at any time", StringComparison.Ordinal)
            && note.Contains(Cached, StringComparison.Ordinal));
        var before = (File.GetLastWriteTimeUtc(Cached), Convert.ToHexString(File.ReadAllBytes(Cached)));
        // Damage that sizes and times don't show: it isn't looked at.
        foreach (var path in Directory.GetFiles(images, "*.jpg", SearchOption.AllDirectories))
        {
            var written = File.GetLastWriteTimeUtc(path);
            File.WriteAllBytes(path, new byte[new FileInfo(path).Length]);
            File.SetLastWriteTimeUtc(path, written);
        }
        Assert.Contains(Load(On).Notes, note => note.Contains($"read from '{Cached}'", StringComparison.Ordinal));
        Assert.Equal(before, (File.GetLastWriteTimeUtc(Cached), Convert.ToHexString(File.ReadAllBytes(Cached))));
    }

    public static TheoryData<string, Func<byte[], byte[]>> Damage() => new()
    {
        { "is no file of decoded images", bytes => [] },
        { "is no file of decoded images", bytes => bytes[..63] },
        { "is no file of decoded images", bytes => [.. "nonsense"u8, .. bytes[8..]] },
        { "is of other data", bytes => Changed(bytes, 20) },
        { "is truncated or damaged", bytes => bytes[..^1] },
        { "is truncated or damaged", bytes => bytes[..(bytes.Length / 2)] },
        { "is truncated or damaged", bytes => [.. bytes, 0] },
        { "is truncated or damaged", bytes => Number(bytes, 40, long.MaxValue) },
        { "is truncated or damaged", bytes => Number(bytes, 48, -1) },
        { "is damaged", bytes => Changed(bytes, bytes.Length - 1) },
        { "is damaged", bytes => Changed(bytes, bytes.Length - 100) },
        { "holds other pixels than were written", bytes => Changed(bytes, 64 + 5000) },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_file_that_is_not_whole_is_made_anew_and_said(string problem, Func<byte[], byte[]> damage)
    {
        var hash = Load(On).Hash;
        var whole = File.ReadAllBytes(Cached);
        File.WriteAllBytes(Cached, damage(whole));
        var data = Load(On);
        Assert.Equal(hash, data.Hash);
        Assert.Contains(data.Notes, note => note.Contains(problem, StringComparison.Ordinal)
            && note.Contains("made anew", StringComparison.Ordinal));
        Assert.Equal(whole.Length, new FileInfo(Cached).Length);
        Assert.Contains(Load(On).Notes, note => note.Contains("read from", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_the_images_depend_on_makes_another_file()
    {
        Load(On);
        int Files() => Directory.GetFiles(folder["cache", "decoded"]).Length;
        Assert.Equal(1, Files());
        Load(On with { ImageSize = 32 });
        Assert.Equal(2, Files());
        File.SetLastWriteTimeUtc(Path.Combine(images, "cat", "3.jpg"), DateTime.UtcNow.AddSeconds(-5));
        Load(On);
        Assert.Equal(3, Files());
        File.WriteAllBytes(Path.Combine(images, "cat", "9.jpg"), MadeUpFiles.Picture(77, format: SKEncodedImageFormat.Jpeg));
        Load(On);
        Assert.Equal(4, Files());
        Directory.Move(images, images + "2");
        DataCatalog.Load("folder:" + images + "2", On);
        Assert.Equal(5, Files());
    }

    [Fact]
    public void An_archive_is_known_by_its_size_and_time()
    {
        var zip = MadeUpFiles.Zip(folder["a.zip"], Directory.GetFiles(images, "*.jpg", SearchOption.AllDirectories)
            .Select(path => KeyValuePair.Create(Path.GetRelativePath(images, path), File.ReadAllBytes(path))));
        Dataset Zip() => DataCatalog.Load("folder:" + zip, On);
        Assert.Equal(Zip().Hash, Zip().Hash);
        Assert.Single(Directory.GetFiles(folder["cache", "decoded"]));
        File.SetLastWriteTimeUtc(zip, DateTime.UtcNow.AddSeconds(-5));
        Zip();
        Assert.Equal(2, Directory.GetFiles(folder["cache", "decoded"]).Length);
    }

    [Fact]
    public void Bad_files_are_remembered_with_their_reasons()
    {
        File.WriteAllText(Path.Combine(images, "dog", "text.jpg"), "hello");
        // Without leave to skip them nothing is kept.
        Assert.Contains("dog/text.jpg is no JPEG", Assert.Throws<InputException>(() => Load(On)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["cache", "decoded"]));
        var (first, second) = (Load(On with { SkipBad = true }), Load(On with { SkipBad = true }));
        Assert.Equal(first.Bad, second.Bad);
        Assert.Equal("dog/text.jpg", Assert.Single(second.Bad).Name);
        Assert.Contains("dog/text.jpg is no JPEG", Assert.Throws<InputException>(() => Load(On)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_used_where_memory_is_short_unless_it_is_forbidden()
    {
        var little = new DataOptions { MemoryBudget = 1000, CacheFolder = folder["cache"] };
        Assert.Equal(Load(new DataOptions()).Hash, Load(little).Hash);
        Assert.True(File.Exists(Cached));
        var message = Assert.Throws<InputException>(() => Load(little with { DecodedCache = DecodedCacheMode.Off })).Message;
        Assert.Contains("24 images at 64 pixels need about", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_read_batches_from_it_as_from_memory()
    {
        var (memory, file) = (Batches(Load(new DataOptions()).Train), Batches(Load(On).Train));
        Assert.Equal(memory, file);
    }

    [Fact]
    public void Many_at_once_make_one_whole_file()
    {
        var hashes = new string[8];
        Parallel.For(0, hashes.Length, i => hashes[i] = Load(On).Hash);
        Assert.Equal(Load(new DataOptions()).Hash, Assert.Single(hashes.Distinct()));
        Assert.Contains(Load(On).Notes, note => note.Contains(Cached, StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_disk_is_said_and_leaves_nothing()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("needs /dev/full");
        var cache = new DecodedCache(folder["cache"],
            new byte[32]) { Create = _ => File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite) };
        using var tree = FileTree.Open(images, "images");
        var message = Assert.Throws<InputException>(() =>
            cache.Load(tree, tree.Names, Framing.For(64), (_, _) => throw new InvalidOperationException("not reached"), default)).Message;
        Assert.Contains("No space left", message, StringComparison.Ordinal);
        Assert.Contains("REFILLED_CACHE", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["cache"]));
    }

    [Fact]
    public void A_disk_without_room_is_said_before_anything_is_decoded()
    {
        var cache = new DecodedCache(folder["cache", "decoded"], new byte[32]);
        cache.CheckRoom("here", 1);
        Assert.Contains("MiB are free", Assert.Throws<InputException>(() => cache.CheckRoom("here", long.MaxValue)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Stopping_leaves_nothing_and_what_the_dead_left_is_removed()
    {
        using var stop = new CancellationTokenSource();
        using var tree = FileTree.Open(images, "images");
        var cache = new DecodedCache(folder["cache"], new byte[32]);
        Assert.ThrowsAny<OperationCanceledException>(() => cache.Load(tree, tree.Names, Framing.For(64),
            (_, _) => { stop.Cancel(); stop.Token.ThrowIfCancellationRequested(); return null!; }, stop.Token));
        Assert.Empty(Directory.GetFiles(folder["cache"]));

        foreach (var (name, minutes) in new[] { ("old.pixels.1.tmp", 10), ("new.pixels.2.tmp", 0), ("held.pixels.3.tmp", 10) })
        {
            File.WriteAllText(folder["cache", name], "half");
            File.SetLastWriteTimeUtc(folder["cache", name], DateTime.UtcNow.AddMinutes(-minutes));
        }
        using (File.OpenHandle(folder["cache", "held.pixels.3.tmp"], access: FileAccess.ReadWrite, share: FileShare.None))
            Assert.Throws<InvalidOperationException>(
                () => cache.Load(tree, tree.Names, Framing.For(64), (_, _) => throw new InvalidOperationException(), default));
        Assert.Equal(["held.pixels.3.tmp", "new.pixels.2.tmp"], Directory.GetFiles(folder["cache"]).Select(Path.GetFileName).Order());
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes = (byte[])bytes.Clone();
        bytes[at] ^= 1;
        return bytes;
    }

    private static byte[] Number(byte[] bytes, int at, long value)
    {
        bytes = (byte[])bytes.Clone();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static List<string> Views(Dataset data)
    {
        var (store, views) = (data.Train.Store, new List<string>());
        var view = new byte[store.ViewShape.Bytes];
        foreach (var id in data.Train.SampleIds)
        {
            store.Draw(new View(1, id, 0), view);
            views.Add(Convert.ToHexString(view));
        }
        return views;
    }

    private static List<string> Batches(ImageSet set)
    {
        var read = new List<string>();
        foreach (var batch in new BatchStream(set, new BatchStreamOptions { BatchSize = 5 }).Epoch(1))
            using (batch) read.Add(Convert.ToHexString(batch.Images.bytes) + string.Join(',', batch.Labels.data<long>()));
        return read;
    }

    private Dataset Load(DataOptions options) => DataCatalog.Load("folder:" + images, options);
}
