using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Refilled.Data;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

public sealed class Cifar100Tests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Archive_and_folder_are_the_same_data()
    {
        var files = TinyCifar.Files();
        var archive = DataCatalog.Load("cifar100:" + TinyCifar.Archive(folder["a.tar.gz"], files));
        TinyCifar.Folder(folder["cifar-100-binary"], files);
        foreach (var path in new[] { folder["cifar-100-binary"], folder.Path })
        {
            var unpacked = DataCatalog.Load("cifar100:" + path);
            Assert.Equal(archive.Hash, unpacked.Hash);
            Assert.Empty(unpacked.Notes);
        }
        Assert.Contains("not the official file's", Assert.Single(archive.Notes), StringComparison.Ordinal);
        Assert.Equal((160, 40, 8), (archive.Train.Count, archive.Test.Count, archive.Train.Classes));
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3], archive.Groups!.GroupOf);
        Assert.Equal(files["train.bin"][(TinyCifar.RecordBytes + 2)..(2 * TinyCifar.RecordBytes)], archive.Train.Store[1].ToArray());

        files["test.bin"][100] ^= 1;
        Assert.NotEqual(archive.Hash, DataCatalog.Load("cifar100:" + TinyCifar.Folder(folder["other"], files)).Hash);
    }

    [Fact]
    public void The_real_archive_is_read()
    {
        var data = DataCatalog.Load("cifar100:" + Repository.Shared("data", "cifar-100-binary.tar.gz"));
        Assert.Equal((50_000, 10_000, 100, 20), (data.Train.Count, data.Test.Count, data.Train.Classes, data.Groups!.Names.Count));
        Assert.All(Enumerable.Range(0, 20), group => Assert.Equal(5, data.Groups.GroupOf.Count(g => g == group)));
        var sums = new double[3];
        for (var i = 0; i < data.Train.Count; i++)
            for (var c = 0; c < 3; c++)
            {
                long sum = 0;
                foreach (var pixel in data.Train.Store[i].Slice(c * 1024, 1024)) sum += pixel;
                sums[c] += sum;
            }
        double[] published = [0.50708, 0.48655, 0.44092];
        Assert.All(Enumerable.Range(0, 3), c => Assert.Equal(published[c], sums[c] / (255.0 * 1024 * data.Train.Count), 2e-5));
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "no test.bin", "lacks test.bin" },
        { "no names", "lacks fine_label_names.txt" },
        { "half a record", "1537 over a multiple of 3074" },
        { "empty train.bin", "train.bin is empty" },
        { "label out of range", "record 0 has the labels 0 (of 4) and 200 (of 8)" },
        { "two groups for a class", "puts the class 'class0' into 'group3', an earlier one into 'group0'" },
        { "a name twice", "holds the name 'class0' twice" },
        { "names empty", "holds no names" },
        { "a name too many", "train.bin has no image of the class 'class8'; fine_label_names.txt names 9 classes" },
        { "a group too many", "no class of the group 'group4'; coarse_label_names.txt names 5 groups" },
        { "a name too few", "record 7 has the labels 3 (of 4) and 7 (of 7)" },
        { "a group too few", "record 6 has the labels 3 (of 3) and 6 (of 8)" },
        { "a flood of names", "fine_label_names.txt has 1048577 bytes" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_data_is_refused(string damage, string message)
    {
        var files = TinyCifar.Files();
        switch (damage)
        {
            case "no test.bin": files.Remove("test.bin"); break;
            case "no names": files.Remove("fine_label_names.txt"); break;
            case "half a record": files["train.bin"] = files["train.bin"][..(TinyCifar.RecordBytes * 5 + 1537)]; break;
            case "empty train.bin": files["train.bin"] = []; break;
            case "label out of range": files["train.bin"][1] = 200; break;
            case "two groups for a class": files["train.bin"][8 * TinyCifar.RecordBytes] = 3; break;
            case "a name twice": files["fine_label_names.txt"] = Encoding.UTF8.GetBytes("class0\nclass0\nx\ny\nz\nu\nv\nw\n"); break;
            case "a name too many": files["fine_label_names.txt"] = [.. files["fine_label_names.txt"], .. "class8\n"u8]; break;
            case "a group too many": files["coarse_label_names.txt"] = [.. files["coarse_label_names.txt"], .. "group4\n"u8]; break;
            case "a name too few": files["fine_label_names.txt"] = files["fine_label_names.txt"][..^"class7\n".Length]; break;
            case "a group too few": files["coarse_label_names.txt"] = files["coarse_label_names.txt"][..^"group3\n".Length]; break;
            case "a flood of names": files["fine_label_names.txt"] = new byte[(1 << 20) + 1]; break;
            case "names empty": files["coarse_label_names.txt"] = "\n\n"u8.ToArray(); break;
        }
        foreach (var path in new[] { TinyCifar.Archive(folder["a.tar.gz"], files), TinyCifar.Folder(folder["f"], files) })
            Assert.Contains(message, Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_archive_are_refused()
    {
        Assert.Contains("There is no CIFAR-100", Refused(folder["nowhere.tar.gz"]), StringComparison.Ordinal);
        File.WriteAllBytes(folder["empty"], []);
        Assert.Contains("is empty", Refused(folder["empty"]), StringComparison.Ordinal);
        Assert.Contains("neither a .zip nor a .tar.gz", Refused(folder.Write("text", "no archive")), StringComparison.Ordinal);
        Directory.CreateDirectory(folder["none"]);
        Assert.Contains("lacks train.bin", Refused(folder["none"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_archives_are_refused_wherever_they_end()
    {
        var whole = File.ReadAllBytes(
            TinyCifar.Archive(folder["a.tar.gz"], TinyCifar.Files(classes: 4, trainPerClass: 4, testPerClass: 2)));
        for (var part = 1; part < 40; part++)
        {
            File.WriteAllBytes(folder["b.tar.gz"], whole[..(whole.Length * part / 40)]);
            Assert.Contains(folder["b.tar.gz"], Refused(folder["b.tar.gz"]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_checksum_or_pixel_of_the_archive_is_noticed()
    {
        // Stored, not compressed: a flipped pixel keeps the stream readable, so that only the checksum tells.
        var whole = File.ReadAllBytes(TinyCifar.Archive(folder["a.tar.gz"], TinyCifar.Files(), level: CompressionLevel.NoCompression));
        foreach (var place in new[] { whole.Length / 2, whole.Length - 8 })
        {
            var damaged = whole.ToArray();
            damaged[place] ^= 16;
            File.WriteAllBytes(folder["b.tar.gz"], damaged);
            Assert.Contains("truncated or no archive", Refused(folder["b.tar.gz"]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(60L << 30, "truncated or no archive")]
    [InlineData(900L << 20, "truncated or no archive")]
    [InlineData(-1L, "truncated or no archive")]
    public void A_size_beyond_the_archive_is_refused_before_it_is_allocated(long claimed, string message)
    {
        var header = new byte[1024];
        Encoding.ASCII.GetBytes("c/train.bin").CopyTo(header, 0);
        header[156] = (byte)'0';
        header[124] = claimed < 0 ? (byte)0xFF : (byte)0x80; // base 256
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), claimed);
        if (claimed < 0) header.AsSpan(125, 3).Fill(0xFF);
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(header.Take(512).Sum(b => b), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        using (var gzip = new GZipStream(File.Create(folder["a.tar.gz"]), CompressionLevel.Fastest)) gzip.Write(header);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(message, Refused(folder["a.tar.gz"]), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 24);
    }

    [Fact]
    public void Any_byte_of_the_archive_s_headers_may_be_wrong()
    {
        var tar = TinyCifar.Tar(TinyCifar.Files(classes: 2, trainPerClass: 1, testPerClass: 1));
        Gen.Select(Gen.Int[0, 1535], Gen.Byte, Gen.Int[0, 11], Gen.Byte).Sample((place, value, second, other) =>
        {
            var damaged = tar.ToArray();
            damaged[place] = value;
            damaged[1024 + 124 + second] = other; // the size of the first file
            using var file = new TemporaryFolder();
            using (var gzip = new GZipStream(File.Create(file["a.tar.gz"]), CompressionLevel.NoCompression)) gzip.Write(damaged);
            try
            {
                Assert.Equal(2, DataCatalog.Load("cifar100:" + file["a.tar.gz"]).Train.Classes);
            }
            catch (InputException e)
            {
                Assert.Contains(file["a.tar.gz"], e.Message, StringComparison.Ordinal);
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Training_and_test_images_share_one_source_and_no_sample_id()
    {
        var data = DataCatalog.Load("cifar100:" + TinyCifar.Archive(folder["a.tar.gz"], TinyCifar.Files(), folder: "any/other name"));
        Assert.Same(data.Train.Store, data.Test.Store);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), data.Train.SampleIds.Concat(data.Test.SampleIds));
        Assert.Equal(TinyCifar.Files()["test.bin"][2..TinyCifar.RecordBytes], data.Test.Store[data.Test.SampleIds[0]].ToArray());
    }

    [Fact]
    public void The_Python_version_is_the_same_data()
    {
        var binary = DataCatalog.Load("cifar100:" + TinyCifar.Folder(folder["binary"], TinyCifar.Files()));
        foreach (var path in new[] { TinyCifar.Archive(folder["p.tar.gz"], PythonCifar.Files(), "cifar-100-python"),
            TinyCifar.Folder(folder["cifar-100-python"], PythonCifar.Files()) })
        {
            var python = DataCatalog.Load("cifar100:" + path);
            Assert.Equal(binary.Hash, python.Hash);
            Assert.Equal(binary.Train.ClassNames, python.Train.ClassNames);
            Assert.Equal(binary.Groups!.GroupOf, python.Groups!.GroupOf);
            Assert.Equal(binary.Test.Labels, python.Test.Labels);
            Assert.Equal(binary.Train.Store[7].ToArray(), python.Train.Store[7].ToArray());
        }
    }

    [Theory]
    [InlineData("labels", "labels and images don't match: 160 images, 159 fine and 160 coarse labels")]
    [InlineData("no data", "has no 'data' of 3072 bytes for each image")]
    [InlineData("no test", "lacks test;")]
    [InlineData("bad label", "'fine_labels' must hold numbers from 0 to 255 alone")]
    [InlineData("code", "it asks for 'os.system'")]
    public void Damaged_Python_data_is_refused(string damage, string message)
    {
        var files = PythonCifar.Files();
        switch (damage)
        {
            case "labels": files["train"] = PythonCifar.Part(TinyCifar.Files()["train.bin"], dropLabel: true); break;
            case "no data": files["train"] = files["meta"]; break;
            case "no test": files.Remove("test"); break;
            case "bad label": files["train"] = PythonCifar.Part(TinyCifar.Files()["train.bin"], firstLabel: 300); break;
            case "code": files["meta"] = [0x80, 2, .. "cos\nsystem\n"u8, (byte)'U', 2, .. "ls"u8, 0x85, (byte)'R', (byte)'.']; break;
        }
        Assert.Contains(message, Refused(TinyCifar.Folder(folder["f"], files)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cifar10:x", "There is no kind of data 'cifar10'. Did you mean 'cifar100'?")]
    [InlineData("cifar100:", "lacks a path: write cifar100:<path>")]
    [InlineData("cifar100", "lacks a path: write cifar100:<path>")]
    [InlineData("", "Known: generated")]
    public void Wrong_specifications_are_refused(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => DataCatalog.Load(spec)).Message, StringComparison.Ordinal);

    [Fact]
    public void Loading_can_be_cancelled()
    {
        var path = TinyCifar.Archive(folder["a.tar.gz"], TinyCifar.Files());
        Assert.ThrowsAny<OperationCanceledException>(
            () => DataCatalog.Load("cifar100:" + path, cancel: new CancellationToken(canceled: true)));
    }

    private static string Refused(string path) => Assert.Throws<InputException>(() => DataCatalog.Load("cifar100:" + path)).Message;
}
