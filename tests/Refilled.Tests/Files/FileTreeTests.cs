using Refilled.Files;
using Refilled.Tests.Support;

namespace Refilled.Tests.Files;

public class FileTreeTests
{
    private static readonly Dictionary<string, byte[]> Files = new()
    {
        ["top/b.txt"] = "b"u8.ToArray(),
        ["top/a/one.txt"] = "one\r\n\r\ntwo\n"u8.ToArray(),
        ["top/a/.hidden"] = "x"u8.ToArray(),
        ["__MACOSX/top/b.txt"] = "x"u8.ToArray(),
        ["top/a/Thumbs.db"] = "x"u8.ToArray(),
        ["top/empty/"] = [],
    };

    public static TheoryData<string> Kinds => ["folder", "zip", "tar.gz"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Folders_and_archives_hold_the_same(string kind)
    {
        using var folder = new TemporaryFolder();
        using var tree = FileTree.Open(Make(folder, kind, Files), "tree", TestContext.Current.CancellationToken);
        Assert.Equal(["top/a/one.txt", "top/b.txt"], tree.Names);
        Assert.Contains("top/empty", tree.Folders);
        Assert.Equal("b"u8.ToArray(), tree.Read("top/b.txt"));
        Assert.Equal([(1, "one"), (3, "two")], tree.ReadLines("top/a/one.txt"));
        Assert.Equal("top/a/", tree.RootOf("one.txt"));
        Assert.Null(tree.RootOf("ne.txt"));
        Assert.Contains("lacks nothing.txt", Assert.Throws<InputException>(() => tree.Read("nothing.txt")).Message,
            StringComparison.Ordinal);
        Assert.Contains("at most 3 are read", Assert.Throws<InputException>(() => tree.Read("top/a/one.txt", limit: 3)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip", "../evil.txt")]
    [InlineData("zip", "a/../../evil.txt")]
    [InlineData("zip", "/etc/evil.txt")]
    [InlineData("zip", @"..\evil.txt")]
    [InlineData("zip", @"C:\evil.txt")]
    [InlineData("tar.gz", "../evil.txt")]
    [InlineData("tar.gz", "/etc/evil.txt")]
    public void An_archive_that_names_files_outside_itself_is_refused(string kind, string name)
    {
        using var folder = new TemporaryFolder();
        var path = Make(folder, kind, new() { ["a/b.txt"] = [1], [name] = [2] });
        var message = Assert.Throws<InputException>(() => FileTree.Open(path, "tree")).Message;
        Assert.Contains("names a file outside itself", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_name_that_stands_twice_is_refused(string kind)
    {
        using var folder = new TemporaryFolder();
        var twice = new[] { KeyValuePair.Create("a.txt", new byte[] { 1 }), KeyValuePair.Create("./a.txt", new byte[] { 2 }) };
        var path = kind == "zip" ? MadeUpFiles.Zip(folder["a.zip"], twice) : MadeUpFiles.TarGz(folder["a.tar.gz"], twice);
        Assert.Contains("holds a.txt twice", Assert.Throws<InputException>(() => FileTree.Open(path, "tree")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_truncated_archive_is_refused_wherever_it_was_cut(string kind)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Make(folder, kind,
            new() { ["a.bin"] = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * i * 7))], ["b.bin"] = new byte[2000] }));
        for (var length = 2; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(folder["cut"], whole[..length]);
            Assert.Contains("truncated or no archive", Assert.Throws<InputException>(() =>
            {
                using var tree = FileTree.Open(folder["cut"], "tree");
                tree.Read("a.bin");
                tree.Read("b.bin");
            }).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Damaged_archives_never_do_worse_than_be_refused()
    {
        var random = new Random(2);
        foreach (var kind in new[] { "zip", "tar.gz" })
        {
            using var folder = new TemporaryFolder();
            var whole = File.ReadAllBytes(Make(folder, kind, Files));
            for (var i = 0; i < 300; i++)
            {
                var bytes = whole.ToArray();
                for (var k = 0; k < 2; k++) bytes[random.Next(2, bytes.Length)] = (byte)random.Next(256);
                File.WriteAllBytes(folder["damaged"], bytes);
                try
                {
                    using var tree = FileTree.Open(folder["damaged"], "tree");
                    foreach (var name in tree.Names) tree.Read(name);
                }
                catch (InputException)
                {
                }
            }
        }
    }

    [Fact]
    public void What_is_missing_empty_or_something_else_is_said()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("There is no bird at", Assert.Throws<InputException>(() => FileTree.Open(folder["none"], "bird")).Message,
            StringComparison.Ordinal);
        Assert.Contains("is empty", Assert.Throws<InputException>(() => FileTree.Open(folder.Write("e", ""), "bird")).Message,
            StringComparison.Ordinal);
        Assert.Contains("neither a .zip nor a .tar.gz",
            Assert.Throws<InputException>(() => FileTree.Open(folder.Write("t", "some text"), "bird")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sparse_entry_of_a_tar_is_refused()
    {
        using var folder = new TemporaryFolder();
        var header = new byte[1024];
        System.Text.Encoding.ASCII.GetBytes("a.png").CopyTo(header, 0);
        foreach (var (at, text) in new[]
            { (100, "0000644"), (108, "0000000"), (116, "0000000"), (124, "00000000000"), (136, "00000000000") })
            System.Text.Encoding.ASCII.GetBytes(text).CopyTo(header, at);
        header[156] = (byte)'S';
        System.Text.Encoding.ASCII.GetBytes("ustar  ").CopyTo(header, 257);
        header.AsSpan(148, 8).Fill((byte)' ');
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(header.Sum(one => one), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        using (var file = File.Create(folder["sparse.tar.gz"]))
        using (var packed = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest))
            packed.Write(header);
        var why = Assert.Throws<InputException>(() => FileTree.Open(folder["sparse.tar.gz"], "images").Dispose()).Message;
        Assert.Contains("no archive that can be read", why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_claims_an_impossible_size_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder["a.zip"];
        MadeUpFiles.Zip(path, new Dictionary<string, byte[]> { ["a.bin"] = new byte[100] });
        var bytes = File.ReadAllBytes(path);
        // The unpacked size stands 24 bytes into the central directory's record, "PK\1\2".
        var record = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(record + 24), 200_000_000);
        File.WriteAllBytes(path, bytes);
        using var tree = FileTree.Open(path, "tree");
        Assert.Throws<InputException>(() => tree.Read("a.bin"));
    }

    private static string Make(TemporaryFolder folder, string kind, Dictionary<string, byte[]> files) => kind switch
    {
        "folder" => MadeUpFiles.Folder(folder["tree"], files),
        "zip" => MadeUpFiles.Zip(folder["tree.zip"], files),
        _ => MadeUpFiles.TarGz(folder["tree.tar.gz"], files),
    };
}
