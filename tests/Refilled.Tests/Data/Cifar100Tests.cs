using System.Text;
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
        Assert.Contains("truncated or no .tar.gz", Refused(folder.Write("text", "no archive")), StringComparison.Ordinal);
        Directory.CreateDirectory(folder["none"]);
        Assert.Contains("lacks train.bin", Refused(folder["none"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_archives_are_refused_wherever_they_end()
    {
        var whole = File.ReadAllBytes(TinyCifar.Archive(folder["a.tar.gz"], TinyCifar.Files(classes: 4, trainPerClass: 4, testPerClass: 2)));
        for (var part = 1; part < 40; part++)
        {
            File.WriteAllBytes(folder["b.tar.gz"], whole[..(whole.Length * part / 40)]);
            Assert.Contains(folder["b.tar.gz"], Refused(folder["b.tar.gz"]), StringComparison.Ordinal);
        }
    }

    private static string Refused(string path) => Assert.Throws<InputException>(() => DataCatalog.Load("cifar100:" + path)).Message;
}
