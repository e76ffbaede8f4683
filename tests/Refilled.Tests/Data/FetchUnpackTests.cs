using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Refilled.Data.Fetch;
using Refilled.Tests.Support;

namespace Refilled.Tests.Data;

public sealed class FetchUnpackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tgz")]
    public void All_of_an_archive_is_unpacked(string name)
    {
        var archive = Archive(name, ("./top/", ""), ("./top/empty/", ""), ("top/below/b.txt", "b"), ("top/none", ""), ("beside.txt", "c"));
        Assert.Equal([folder["to", "top"], folder["to", "beside.txt"]], Unpack.Run(archive, folder["to"]));
        Assert.Equal(("b", "", "c"), (File.ReadAllText(folder["to", "top", "below", "b.txt"]),
            File.ReadAllText(folder["to", "top", "none"]), File.ReadAllText(folder["to", "beside.txt"])));
        Assert.True(Directory.Exists(folder["to", "top", "empty"]));
        Assert.Equal(6, Directory.GetFileSystemEntries(folder["to"], "*", SearchOption.AllDirectories).Length);
    }

    public static TheoryData<string, string> Evil()
    {
        var data = new TheoryData<string, string>();
        foreach (var kind in new[] { "a.zip", "a.tgz" })
            foreach (var name in new[] { "../out", "top/../../out", "..", "top/..", "/out", "//out", "C:/out", "C:out", "top\\..\\..\\out",
                "\\\\host\\out", "top/.. /out", "top/.../out", "a:b", "top/\u001b[2Jout" })
                data.Add(kind, name);
        data.Add("a.zip", "top/a\0b"); // a tar's names end there
        return data;
    }

    [Theory]
    [MemberData(nameof(Evil))]
    public void Names_that_lead_out_are_refused(string archive, string name)
    {
        var error = Refused(Archive(archive, ("top/good", "x"), (name, "evil")));
        Assert.Contains($"the entry '{name.Replace('\0', '\uFFFD').Replace('\u001b', '\uFFFD')}' has a name that could lead out", error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public void What_is_no_file_in_a_tar_is_refused(TarEntryType type)
    {
        var error = Refused(Tar("a.tgz", tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "top/good"));
            var entry = new PaxTarEntry(type, "top/evil");
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                entry.LinkName = type is TarEntryType.HardLink ? "top/good" : "/etc";
            tar.WriteEntry(entry);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "top/evil/passwd"));
        }));
        Assert.Contains($"the entry 'top/evil' is no file or folder ({type})", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xA1FF, "top/evil")]
    [InlineData(0x21FF, "top/evil")]
    [InlineData(0x11FF, "top/evil")]
    [InlineData(0xA1FF, "top/evil/")]
    [InlineData(0x41FF, "top/evil")]
    public void What_is_no_file_in_a_zip_is_refused(int mode, string name)
    {
        var error = Refused(Zip("a.zip", zip =>
        {
            zip.CreateEntry("top/good").ExternalAttributes = 0x81A4 << 16;
            zip.CreateEntry(name).ExternalAttributes = mode << 16;
        }));
        Assert.Contains($"the entry '{name}' is a link or a device", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.zip", "top/x", "top/x", "is there twice")]
    [InlineData("a.tgz", "top/x", "./top//x", "is there twice")]
    [InlineData("a.tgz", "top/x/", "top/x", "is there twice")]
    [InlineData("a.tgz", "top/x", "top/x/y/z", "lies in what is a file")]
    [InlineData("a.zip", "top", "top/x/", "lies in what is a file")]
    public void Entries_that_contradict_each_other_are_refused(string archive, string first, string second, string message) =>
        Assert.Contains($"the entry '{second}' {message}", Refused(Archive(archive, (first, ""), (second, ""))), StringComparison.Ordinal);

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tgz")]
    public void What_is_there_already_is_not_touched(string name)
    {
        var archive = Archive(name, ("first/x", "1"), ("top/x", "2"));
        var own = folder.Write("to/top", "the user's own");
        var error = Assert.Throws<InputException>(() => Unpack.Run(archive, folder["to"])).Message;
        Assert.Contains($"'{own}' is there already", error, StringComparison.Ordinal);
        Assert.Equal([own], Directory.GetFileSystemEntries(folder["to"]));
        Assert.Equal("the user's own", File.ReadAllText(own));
    }

    [Fact]
    public void What_was_put_in_its_place_goes_back_if_the_rest_cannot_follow()
    {
        folder.Write("aside/first/x", "1");
        folder.Write("aside/second", "2");
        Directory.CreateDirectory(folder["to"]);
        Assert.ThrowsAny<IOException>(() => Unpack.Move(["first", "second", "gone"], folder["aside"], folder["to"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder["to"]));
        Assert.Equal(("1", "2"), (File.ReadAllText(folder["aside", "first", "x"]), File.ReadAllText(folder["aside", "second"])));
    }

    [Fact]
    public void Claims_beyond_what_an_archive_can_hold_are_refused()
    {
        // A tar header that claims 900 MB, in an archive of a few hundred bytes.
        var header = new byte[1024];
        Encoding.ASCII.GetBytes("top/bomb").CopyTo(header, 0);
        header[156] = (byte)'0';
        header[124] = 0x80; // base 256
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), 900L << 20);
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes($"{Convert.ToString(header.Take(512).Sum(b => b), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        using (var gzip = new GZipStream(File.Create(folder["a.tgz"]), CompressionLevel.Fastest)) gzip.Write(header);
        Assert.Contains("the entry 'top/bomb' claims 943718400 bytes", Refused(folder["a.tgz"]), StringComparison.Ordinal);

        // A zip whose directory claims another size than the entry has.
        foreach (var (claimed, message) in new[] { (900u << 20, "claims 943718400 bytes"), (5u, "has not the 5 bytes that it claims") })
        {
            var zip = File.ReadAllBytes(Archive("a.zip", ("top/x", "four")));
            BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 24), claimed);
            File.WriteAllBytes(folder["b.zip"], zip);
            Assert.Contains($"the entry 'top/x' {message}", Refused(folder["b.zip"]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tgz")]
    public void Truncated_archives_leave_nothing(string name)
    {
        var whole = File.ReadAllBytes(
            Archive(name, [.. Enumerable.Range(0, 20).Select(i => ($"top/{i}", new string((char)('a' + i), 100 * i)))]));
        for (var part = 0; part < 60; part++)
        {
            File.WriteAllBytes(folder["cut" + name], whole[..(whole.Length * part / 60)]);
            Assert.Contains(folder["cut" + name], Refused(folder["cut" + name]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_checksum_of_a_tar_is_noticed()
    {
        var damaged = File.ReadAllBytes(Archive("a.tgz", ("top/x", "1")));
        damaged[^8] ^= 1;
        File.WriteAllBytes(folder["b.tgz"], damaged);
        Refused(folder["b.tgz"]);
    }

    [Fact]
    public void What_is_no_archive_is_refused()
    {
        Assert.Contains("There is no archive", Refused(folder["nowhere.zip"]), StringComparison.Ordinal);
        Assert.Contains("ends neither in .zip nor", Refused(folder.Write("a.rar", "")), StringComparison.Ordinal);
        Assert.Contains("can't be unpacked", Refused(folder.Write("a.zip", "no archive")), StringComparison.Ordinal);
        Assert.Contains("can't be unpacked", Refused(folder.Write("a.tgz", "no archive")), StringComparison.Ordinal);
        Assert.Contains("it holds nothing", Refused(Archive("b.zip")), StringComparison.Ordinal);
        Assert.Contains("it holds nothing", Refused(Archive("b.tgz", ("./", ""))), StringComparison.Ordinal);
        Assert.Contains("is a file without a name",
            Refused(Tar("c.tgz", tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, ".")))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        var archive = Archive("a.zip", ("top/x", "1"));
        Assert.Contains("can't be unpacked into",
            Assert.Throws<FetchException>(() => Unpack.Run(archive, folder.Write("to", "a file"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unpacking_can_be_cancelled()
    {
        var archive = Archive("a.zip", ("top/x", "1"));
        Assert.ThrowsAny<OperationCanceledException>(() => Unpack.Run(archive, folder["to"], new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFileSystemEntries(folder["to"]));
    }

    /// <summary>The message, after a look that nothing was written anywhere.</summary>
    private string Refused(string archive)
    {
        var error = Assert.Throws<InputException>(() => Unpack.Run(archive, folder["in", "to"])).Message;
        if (Directory.Exists(folder["in"]))
            Assert.Equal([folder["in", "to"]], Directory.GetFileSystemEntries(folder["in"], "*", SearchOption.AllDirectories));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder.Path), path => path.Contains("out", StringComparison.Ordinal));
        return error;
    }

    /// <summary>An archive of files and, by a slash at the end, folders.</summary>
    private string Archive(string name, params (string Name, string Text)[] entries) => name.EndsWith(".zip", StringComparison.Ordinal)
        ? Zip(name, zip =>
        {
            foreach (var (entry, text) in entries)
            {
                using var stream = zip.CreateEntry(entry).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        })
        : Tar(name, tar =>
        {
            foreach (var (entry, text) in entries)
            {
                if (entry.EndsWith('/')) tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, entry));
                else tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile,
                    entry) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        });

    private string Zip(string name, Action<ZipArchive> write)
    {
        using var zip = new ZipArchive(File.Create(folder[name]), ZipArchiveMode.Create);
        write(zip);
        return folder[name];
    }

    private string Tar(string name, Action<TarWriter> write)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(folder[name]), CompressionLevel.Fastest));
        write(tar);
        return folder[name];
    }
}
